import { readFileSync } from 'node:fs';
import { closestMatch } from '@latchkey/contract';
import { isServiceVariable } from './service-variables.ts';
import { type Parsed, settings } from './settings.ts';

type Env = Readonly<Record<string, string | undefined>>;

const prefix = 'LATCHKEY_';
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
 * unknown `LATCHKEY_` name is an error that says what to do. Variables that Kubernetes makes for a Service are ignored.
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
  return Object.entries(env)
    .filter(([name]) => name.startsWith(prefix) && !known.includes(name))
    .filter(([name, value]) => !isServiceVariable(name, value))
    .map(([name]) => `${name} is not a setting; did you mean ${suggestionFor(name, known)}?`);
}

/** Compares without the prefix, because `LATCHKEY_PORT` means `PORT` and not `LATCHKEY_HOST`. */
function suggestionFor(name: string, known: readonly string[]): string {
  const bare = new Map(known.map((setting) => [withoutPrefix(setting), setting]));
  return bare.get(closestMatch(withoutPrefix(name), [...bare.keys()]))!;
}

const withoutPrefix = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
