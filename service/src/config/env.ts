import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { closestMatch } from '@latchkey/contract';
import { errorText } from '@latchkey/core/internal';
import { type ParsedSettings, settings } from './settings.ts';

export type Env = Readonly<Record<string, string | undefined>>;

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
 * unknown `LATCHKEY_` name is an error that says what to do. A name of zerv-core is read where the setting's own is not set. Variables that Kubernetes makes for a Service are ignored.
 */
export function readSettings(env: Env): ParsedSettings {
  const mistakes = unknownNames(env);
  const parsed: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    try {
      const isSecret = 'secret' in setting;
      const source = findVariable(env, setting);
      const value = readValue(env, source, isSecret);
      if (!isSecret && isQuoted(value)) throw new ConfigError(`${source} is in quotes: write it without them.`);
      const result = setting.schema.safeParse(value);
      if (result.success) parsed[name] = result.data;
      else mistakes.push(`${source} ${joinMessages(result.error.issues)}.`);
    } catch (error) {
      mistakes.push(errorText(error));
    }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
  return Object.freeze(parsed) as ParsedSettings;
}

const joinMessages = (issues: readonly { readonly message: string }[]) =>
  [...new Set(issues.map(({ message }) => message))].join(', ');

/** Files for `docker run --env-file` keep quotes. */
const isQuoted = (value = '') => /^(["']).*\1$/.test(value);

/** Without white space around it, which files and templates leave behind; nothing is as good as absent. */
function readVariable(env: Env, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

/** The name under which the environment has the setting: its own, unless only the former one is set. */
function findVariable(
  env: Env,
  { env: name, formerEnv }: { readonly env: string; readonly formerEnv?: string },
): string {
  const [value, former] = [readVariable(env, name), formerEnv === undefined ? undefined : readVariable(env, formerEnv)];
  if (value !== undefined && former !== undefined && value !== former)
    throw new ConfigError(`${name} and ${formerEnv} are names of one setting and differ; keep ${name}.`);
  return value === undefined && former !== undefined ? formerEnv! : name;
}

/** The variable that a setting is read from, with `_FILE` where its file is; `undefined`: there is none. */
export function findSource(
  env: Env,
  setting: { readonly env: string; readonly formerEnv?: string },
): string | undefined {
  const name = findVariable(env, setting);
  return [name, `${name}_FILE`].find((one) => readVariable(env, one) !== undefined);
}

function readValue(env: Env, name: string, isSecret: boolean): string | undefined {
  const direct = readVariable(env, name);
  const file = isSecret ? readVariable(env, `${name}_FILE`) : undefined;
  if (file === undefined) return direct;
  if (direct !== undefined) throw new ConfigError(`${name} and ${name}_FILE are both set; keep one.`);
  const text = readSecretFile(name, file);
  if (text === '') throw new ConfigError(`${name}_FILE names a file that holds nothing.`);
  return text;
}

function readSecretFile(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError(`${name}_FILE names a file that cannot be read.`, { cause });
  }
}

function unknownNames(env: Env): string[] {
  const known = [...names, ...files];
  return Object.entries(env)
    .filter(([name]) => name.toUpperCase().startsWith(prefix) && !known.includes(name))
    .filter(([name, value]) => !isKubernetesVariable(name, value))
    .map(([name]) => `${name} is not a setting${suggestionFor(name, known)}`);
}

/** The end of the sentence. Compares without the prefix, because `LATCHKEY_PORT` means `PORT` and not `LATCHKEY_HOST`. */
function suggestionFor(name: string, known: readonly string[]): string {
  const bare = new Map(known.map((setting) => [withoutPrefix(setting), setting]));
  const match = closestMatch(withoutPrefix(name), [...bare.keys()]);
  return match === undefined ? ': remove it, or correct its name.' : `; did you mean ${bare.get(match)}?`;
}

const withoutPrefix = (name: string) => (name.toUpperCase().startsWith(prefix) ? name.slice(prefix.length) : name);

const isPort = (value: string) => /^\d{1,5}$/.test(value);
const isAddress = (value: string) => isIP(value) !== 0;
const isPortUrl = (value: string) => /^(tcp|udp|sctp):\/\/\S+:\d{1,5}$/.test(value);

/** Ends of the names that Kubernetes makes for a Service, and what each holds. */
const forms: readonly (readonly [RegExp, (value: string) => boolean])[] = [
  [/_SERVICE_HOST$/, isAddress],
  [/_SERVICE_PORT(_[A-Z0-9_]+)?$/, isPort],
  [/_PORT$/, isPortUrl],
  [/_PORT_\d+_(TCP|UDP|SCTP)$/, isPortUrl],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PROTO$/, (value) => ['tcp', 'udp', 'sctp'].includes(value)],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PORT$/, isPort],
  [/_PORT_\d+_(TCP|UDP|SCTP)_ADDR$/, isAddress],
];

/**
 * True for an environment variable that Kubernetes puts into each pod for a Service of the same namespace, such as
 * `LATCHKEY_PORT=tcp://10.0.0.5:4000` for the Service `latchkey`. The value is judged too, so that a misspelled setting
 * is still reported.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
function isKubernetesVariable(name: string, value = ''): boolean {
  return forms.some(([end, isValue]) => end.test(name) && isValue(value));
}
