import { createAuditSection } from './audit-section.ts';
import { createBackendsSection } from './backends-section.ts';
import { createKeysSection } from './keys-section.ts';
import { createOverviewSection } from './overview-section.ts';
import type { Section, SectionNeeds } from './section.ts';
import { createSessionsSection } from './sessions-section.ts';
import { createTenantsSection } from './tenants-section.ts';
import { createUsersSection } from './users-section.ts';

export interface Part {
  readonly words: string;
  readonly create: (needs: SectionNeeds) => Section;
  /** What sockets come and go says something about it, at once. */
  readonly isLive?: boolean;
}

/** The console's parts by the fragment of their address. */
export const parts: Readonly<Record<string, Part>> = {
  overview: { words: 'Overview', create: createOverviewSection, isLive: true },
  sessions: { words: 'Sessions', create: createSessionsSection, isLive: true },
  users: { words: 'Users', create: createUsersSection },
  tenants: { words: 'Tenants', create: createTenantsSection },
  backends: { words: 'Backends', create: createBackendsSection },
  keys: { words: 'Keys', create: createKeysSection },
  audit: { words: 'Audit', create: createAuditSection },
};

/** Reads `#sessions?user=…`: the part, and what it is narrowed to. */
export function placeOf(fragment: string): {
  readonly name: string;
  readonly part: Part;
  readonly asked: URLSearchParams;
} {
  const [given = '', query = ''] = fragment.slice(1).split('?', 2);
  const name = Object.hasOwn(parts, given) ? given : 'overview';
  return { name, part: parts[name] as Part, asked: new URLSearchParams(query) };
}
