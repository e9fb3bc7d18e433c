import { element, setText } from '../element.ts';
import type { ConsoleApi } from './console-api.ts';
import { accountName } from './labels.ts';

/** Names of users whose ids are known; each is asked for once. */
export interface NameCache {
  /** Says the id until the name is known, and after all if it cannot be had. */
  show(id: string, target: HTMLElement): HTMLElement;
}

export function createNameCache({ user }: Pick<ConsoleApi, 'user'>): NameCache {
  const known = new Map<string, Promise<string>>();
  const nameOf = (id: string): Promise<string> => {
    const name = known.get(id) ?? user(id).then(accountName);
    known.set(id, name);
    return name;
  };
  return Object.freeze({
    show(id: string, target: HTMLElement) {
      setText(target, id);
      nameOf(id).then(
        (name) => setText(target, name),
        () => known.delete(id),
      );
      return target;
    },
  });
}

/** Leads to what one user did. */
export function linkToAudit(names: NameCache, id: string): HTMLElement {
  return names.show(id, element('a', { href: `#audit?user=${id}` }));
}
