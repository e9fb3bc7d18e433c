import { pagePaths } from '@latchkey/contract';
import type { Config } from '../config/config.ts';
import type { Db } from '../db/schema.ts';
import type { Operators } from '../domain/operator/operators.ts';
import type { Component } from './lifecycle.ts';

/**
 * At a start of embedded mode: makes a link to sign up as the first operator, stored as a hash. Each start makes a new
 * one while there is no operator.
 *
 * @param onLink called with the link, which is a credential and must not be logged. Absent: no link is made
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
