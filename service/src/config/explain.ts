import { createConfig, maskedConfig } from './config.ts';
import { type Env, findSource } from './env.ts';
import { settings } from './settings.ts';

/** The effective value of a setting. */
interface EffectiveSetting {
  readonly name: string;
  /** `***` in place of a secret; `null`: there is none. */
  readonly value: unknown;
  /** The environment variable that it was read from; `default`: none. */
  readonly source: string;
}

/**
 * Every setting with its value and its source, in the order of the documentation.
 *
 * @throws ConfigError
 * @example
 * explainSettings({ PORT: '4100' }); // [{ name: 'PORT', value: 4100, source: 'PORT' }, …]
 */
export function explainSettings(env: Env): EffectiveSetting[] {
  const values = maskedConfig(createConfig(env));
  return Object.entries(settings).map(([name, setting]) => {
    const source = findSource(env, setting) ?? 'default';
    const isUnset = source === 'default' && 'secret' in setting;
    return { name: setting.env, value: isUnset ? null : (values[name] ?? null), source };
  });
}
