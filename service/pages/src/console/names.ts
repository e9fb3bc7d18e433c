import { element, setText } from '../element.ts';
import type { ConsoleApi } from './console-api.ts';
import { nameOfAccount } from './console-words.ts';

/** Names of users whose ids are known; each is asked for once. */
export interface Names {
  /** Says the id until the name is known, and after all if it cannot be had. */
  show(id: string, target: HTMLElement): HTMLElement;
}

export function createNames({ user }: Pick<ConsoleApi, 'user'>): Names {
  const known = new Map<string, Promise<string>>();
  const nameOf = (id: string): Promise<string> => {
    const name = known.get(id) ?? user(id).then(nameOfAccount);
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
export function linkToAudit(names: Names, id: string): HTMLElement {
  return names.show(id, element('a', { href: `#audit?user=${id}` }));
}
