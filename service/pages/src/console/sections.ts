import type { ComponentType } from 'preact';
import { AuditSection } from './audit-section.tsx';
import { BackendsSection } from './backends-section.tsx';
import { InvitationsSection } from './invitations-section.tsx';
import { KeysSection } from './keys-section.tsx';
import { OverviewSection } from './overview-section.tsx';
import type { SectionName, SectionProps } from './section-card.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { TenantsSection } from './tenants-section.tsx';
import { UsersSection } from './users-section.tsx';

interface SectionDefinition {
  readonly Section: ComponentType<SectionProps>;
  /** Read again at each update of sessions and sockets. The others are read again in intervals only. */
  readonly isLive?: boolean;
}

/** The sections of the console, by the fragment of their address. */
const sections: Readonly<Record<SectionName, SectionDefinition>> = {
  overview: { Section: OverviewSection, isLive: true },
  sessions: { Section: SessionsSection, isLive: true },
  users: { Section: UsersSection },
  invitations: { Section: InvitationsSection },
  tenants: { Section: TenantsSection },
  backends: { Section: BackendsSection },
  keys: { Section: KeysSection },
  audit: { Section: AuditSection },
};

export const sectionNames = Object.keys(sections) as readonly SectionName[];

/** Reads a fragment such as `#sessions?user=…`: the section, and the filters of its list. */
export function sectionFromHash(fragment: string): {
  readonly name: SectionName;
  readonly section: SectionDefinition;
  readonly query: URLSearchParams;
} {
  const [given = '', query = ''] = fragment.slice(1).split('?', 2);
  const name = isSectionName(given) ? given : 'overview';
  return { name, section: sections[name], query: new URLSearchParams(query) };
}

const isSectionName = (name: string): name is SectionName => Object.hasOwn(sections, name);
