import { pagePaths } from '@latchkey/contract';
import type { Config } from '../config/config.ts';
import type { Db } from '../db/schema.ts';
import type { Operators } from '../domain/operator/operators.ts';
import type { Component } from './lifecycle.ts';

/**
 * At a start of embedded mode: a link to sign up as the first operator, told once and kept as a hash. There is a new one
 * at each start as long as there is no operator.
 *
 * @param tell hears the link; it is a credential, and no matter for the log. Absent: there is none
 */
export function inviteFirstOperator(
  { embedded, publicUrl }: Pick<Config, 'embedded' | 'publicUrl'>,
  { operators, db, onLink }: { operators: Operators; db: Db; onLink: ((link: string) => void) | undefined },
): Component {
  return {
    name: 'invitation of the first operator',
    async start() {
      const code = embedded && onLink !== undefined ? await operators.invite(db) : undefined;
      if (code !== undefined) onLink?.(`${publicUrl}${pagePaths.signUp}#operator=${code}`);
    },
  };
}
