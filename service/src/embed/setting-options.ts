import { type Config, createConfig } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import { environmentNamesOf, type ParsedSettings, type SettingsTable, settings } from '../config/settings.ts';

type OptionValue<T> = T extends readonly string[] ? T | string : T;

/** Settings as a program gives them: by their names, as numbers, booleans, texts and lists of texts. */
export type SettingOptions = { readonly [Name in keyof SettingsTable]?: OptionValue<ParsedSettings[Name]> | undefined };

/**
 * The configuration of a program's own options. The environment is read as far as it is handed over; an option wins.
 *
 * @throws TypeError a sentence for each mistake, by the option's name
 * @example
 * const config = configOf({ publicUrl: 'https://app.example', dataDir: '/var/lib/app/latchkey' });
 */
export function configOf(options: SettingOptions, env: Readonly<Record<string, string | undefined>> = {}): Config {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const names = given.map(([name]) => settings[name as keyof SettingsTable].env);
  const texts = given.map(([name, value], at) => [names[at]!, formatValue(name, value)]);
  // An option also replaces the value of a file.
  const replaced = new Set(given.flatMap(([name]) => environmentNamesOf(name as keyof SettingsTable)));
  const rest = Object.entries(env).filter(([name]) => !replaced.has(name.replace(/_FILE$/, '')));
  try {
    return createConfig(Object.fromEntries([...rest, ...texts]));
  } catch (error) {
    if (error instanceof ConfigError) throw new TypeError(toOptionNames(error.message, env), { cause: error });
    throw error;
  }
}

function formatValue(name: string, value: unknown): string {
  const items = [value].flat();
  const isText = items.every((item) => ['string', 'number', 'boolean'].includes(typeof item));
  if (!isText) throw new TypeError(`${name} has to be a text, a number, true or false, or a list of texts.`);
  if (value === '') throw new TypeError(`${name} is empty; leave it out for its default.`);
  if (Array.isArray(value) && items.some((item) => String(item).includes(',')))
    throw new TypeError(`${name}: an item of the list must not hold a comma.`);
  return items.join(',');
}

/** Names of the environment become names of options, but for those that the environment has said. */
function toOptionNames(sentences: string, env: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(settings)
    .filter(([, setting]) => env[setting.env] === undefined)
    .reduce((text, [name, setting]) => text.replaceAll(new RegExp(`\\b${setting.env}\\b`, 'g'), name), sentences);
}
