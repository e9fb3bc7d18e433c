import { assertOptions, type OnlineUser, type OptionNames, type SessionUser } from '@latchkey/contract';
import { type Causes, maskError } from '@latchkey/core';
import type { UserSession } from '../session/user-session.ts';

/** Who may follow which users of their own tenant are online, and what they see of them. */
export interface UsersOptions {
  /**
   * Says whether a signed-in user may subscribe. Called with the claims at each subscription, each `authenticate` and each
   * change of the claims. Only `true` allows it.
   */
  readonly mayRead: (user: SessionUser) => boolean;
  /**
   * What subscribers see of a user beside `user_id`: JSON of at most 1,024 characters. Of several sessions the newest is
   * shown. Default: nothing.
   *
   * @example
   * ({ payload }) => ({ name: payload.name })
   */
  readonly show?: ((userSession: UserSession) => Readonly<Record<string, unknown>>) | undefined;
}

/** The functions of the app, wrapped so that they do not throw. */
export type UsersPolicy = ReturnType<typeof createUsersPolicy>;

/** Longest JSON of what is shown of one user, in characters. */
const maxJsonLength = 1_024;

const names: OptionNames<UsersOptions> = { mayRead: 'function', show: 'function' };

/** @throws TypeError that names the wrong option */
export function assertUsersOptions(users: UsersOptions): void {
  assertOptions('users', users, names);
  if (users.mayRead === undefined) throw new TypeError('users: mayRead is missing, such as (user) => user.role === 1.');
  for (const [name, value] of Object.entries(users))
    if (value?.constructor.name === 'AsyncFunction')
      throw new TypeError(`users: ${name} must not be an async function: its promise would be no answer.`);
}

/** Answers `false` and shows nothing where a function of the app throws or returns something else, and reports it. */
export function createUsersPolicy({ mayRead, show }: UsersOptions, causes: Pick<Causes, 'report'>) {
  const report = (fields: object) => causes.report('users_unusable', { ...fields });
  return Object.freeze({
    mayRead(user: SessionUser): boolean {
      try {
        const answer: unknown = mayRead(user);
        if (typeof answer !== 'boolean') report({ function: 'mayRead', returned: typeNameOf(answer) });
        return answer === true;
      } catch (error) {
        report({ function: 'mayRead', err: maskError(error, []) });
        return false;
      }
    },
    show(userSession: UserSession): OnlineUser {
      const user_id = userSession.userId;
      try {
        const shown: unknown = show?.(userSession) ?? {};
        const text = isRecord(shown) ? JSON.stringify(shown) : undefined;
        if (text !== undefined && text.length <= maxJsonLength) return { ...JSON.parse(text), user_id };
        report({ function: 'show', returned: typeNameOf(shown), length: text?.length });
      } catch (error) {
        report({ function: 'show', err: maskError(error, []) });
      }
      return { user_id };
    },
  });
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}

/** A promise that rejects would end the process. */
function typeNameOf(value: unknown): string {
  if (!(value instanceof Promise)) return Array.isArray(value) ? 'array' : typeof value;
  value.catch(() => {});
  return 'promise';
}
