import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import type { HookFunctions } from '../hook/hook.ts';
import { loadHooks } from '../hook/load-hooks.ts';

/**
 * The hooks of `LATCHKEY_HOOKS`; none where it is not set.
 *
 * @throws ConfigError a sentence that names the path and the mistake
 */
export async function loadConfiguredHooks({ hooks: path }: Pick<Config, 'hooks'>): Promise<HookFunctions> {
  if (path === undefined) return {};
  try {
    return await loadHooks(path);
  } catch (error) {
    throw new ConfigError(`LATCHKEY_HOOKS: ${(error as Error).message}`, { cause: error });
  }
}
