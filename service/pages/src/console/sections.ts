import type { ComponentType } from 'preact';
import { AuditSection } from './audit-section.tsx';
import { BackendsSection } from './backends-section.tsx';
import { KeysSection } from './keys-section.tsx';
import { OverviewSection } from './overview-section.tsx';
import type { SectionProps } from './section-card.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { TenantsSection } from './tenants-section.tsx';
import { UsersSection } from './users-section.tsx';

interface SectionDefinition {
  readonly label: string;
  readonly Section: ComponentType<SectionProps>;
  /** What sockets come and go says something about it, at once. */
  readonly isLive?: boolean;
}

/** The console's parts by the fragment of their address. */
export const sections: Readonly<Record<string, SectionDefinition>> = {
  overview: { label: 'Overview', Section: OverviewSection, isLive: true },
  sessions: { label: 'Sessions', Section: SessionsSection, isLive: true },
  users: { label: 'Users', Section: UsersSection },
  tenants: { label: 'Tenants', Section: TenantsSection },
  backends: { label: 'Backends', Section: BackendsSection },
  keys: { label: 'Keys', Section: KeysSection },
  audit: { label: 'Audit', Section: AuditSection },
};

/** Reads `#sessions?user=…`: the part, and what it is narrowed to. */
export function sectionFromHash(fragment: string): {
  readonly name: string;
  readonly part: SectionDefinition;
  readonly query: URLSearchParams;
} {
  const [given = '', query = ''] = fragment.slice(1).split('?', 2);
  const name = Object.hasOwn(sections, given) ? given : 'overview';
  return { name, part: sections[name] as SectionDefinition, query: new URLSearchParams(query) };
}
