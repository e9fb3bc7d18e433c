import { createAuditSection } from './audit-section.ts';
import { createBackendsSection } from './backends-section.ts';
import { createKeysSection } from './keys-section.ts';
import { createOverviewSection } from './overview-section.ts';
import type { Section, SectionDeps } from './section.ts';
import { createSessionsSection } from './sessions-section.ts';
import { createTenantsSection } from './tenants-section.ts';
import { createUsersSection } from './users-section.ts';

export interface SectionDefinition {
  readonly label: string;
  readonly create: (needs: SectionDeps) => Section;
  /** What sockets come and go says something about it, at once. */
  readonly isLive?: boolean;
}

/** The console's parts by the fragment of their address. */
export const sections: Readonly<Record<string, SectionDefinition>> = {
  overview: { label: 'Overview', create: createOverviewSection, isLive: true },
  sessions: { label: 'Sessions', create: createSessionsSection, isLive: true },
  users: { label: 'Users', create: createUsersSection },
  tenants: { label: 'Tenants', create: createTenantsSection },
  backends: { label: 'Backends', create: createBackendsSection },
  keys: { label: 'Keys', create: createKeysSection },
  audit: { label: 'Audit', create: createAuditSection },
};

/** Reads `#sessions?user=…`: the part, and what it is narrowed to. */
export function sectionFromHash(fragment: string): {
  readonly name: string;
  readonly part: SectionDefinition;
  readonly asked: URLSearchParams;
} {
  const [given = '', query = ''] = fragment.slice(1).split('?', 2);
  const name = Object.hasOwn(sections, given) ? given : 'overview';
  return { name, part: sections[name] as SectionDefinition, asked: new URLSearchParams(query) };
}
