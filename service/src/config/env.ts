import { readFileSync } from 'node:fs';
import { nearest } from './nearest.ts';
import { type Parsed, settings } from './settings.ts';

type Env = Readonly<Record<string, string | undefined>>;

const names = Object.values(settings).map((setting) => setting.env as string);
const files = Object.values(settings).flatMap((setting) => ('secret' in setting ? [`${setting.env}_FILE`] : []));

/** The process's own environment. The only place that reads it. */
export function processEnv(): Env {
  return process.env;
}

/** A mistake of the operator: the message is a list of sentences that name the fix. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads every setting from `NAME` or, for secrets, from the file named by `NAME_FILE`. Both set, a bad value or an
 * unknown `LATCHKEY_` name is an error that says what to do.
 */
export function readSettings(env: Env): Parsed {
  const mistakes = unknownNames(env);
  const parsed: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    try {
      const result = setting.schema.safeParse(readValue(env, setting.env, 'secret' in setting));
      if (result.success) parsed[name] = result.data;
      else mistakes.push(`${setting.env} ${result.error.issues.map((issue) => issue.message).join(', ')}.`);
    } catch (error) {
      mistakes.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
  return Object.freeze(parsed) as Parsed;
}

function readValue(env: Env, name: string, isSecret: boolean): string | undefined {
  const direct = env[name] === '' ? undefined : env[name];
  const file = isSecret ? env[`${name}_FILE`] : undefined;
  if (file === undefined || file === '') return direct;
  if (direct !== undefined) throw new ConfigError(`${name} and ${name}_FILE are both set; keep one.`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError(`${name}_FILE names a file that cannot be read.`, { cause });
  }
}

function unknownNames(env: Env): string[] {
  const known = [...names, ...files];
  return Object.keys(env)
    .filter((name) => name.startsWith('LATCHKEY_') && !known.includes(name))
    .map((name) => `${name} is not a setting; did you mean ${nearest(name, known)}?`);
}
