import type { Session } from '../../src/index.ts';

type User = NonNullable<Session['user']>;

/** True if both types are the same. */
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// The claims of a profile are typed. A claim that is not declared is `unknown`.
export const claims: readonly true[] = [
  true satisfies IsSame<User['email'], string | undefined>,
  true satisfies IsSame<User['email_verified'], boolean | undefined>,
  true satisfies IsSame<User['name'], string | undefined>,
  true satisfies IsSame<User['picture'], string | undefined>,
  true satisfies IsSame<User['locale'], string | undefined>,
  true satisfies IsSame<User['role'], unknown>,
];
