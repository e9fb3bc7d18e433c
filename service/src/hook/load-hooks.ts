import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorText } from '@latchkey/core/internal';
import type { HookFunctions } from './hook.ts';
import { assertHooks } from './hooks.ts';

/**
 * Imports the operator's hooks: a module whose default export holds them, or that exports each by its name.
 *
 * @param path of the module (`LATCHKEY_HOOKS`), absolute or from the working directory
 * @throws TypeError a sentence that names path and mistake
 * @example
 * const hooks = createHooks(await loadHooks('./hooks.js'), { clock, onError });
 */
export async function loadHooks(path: string): Promise<HookFunctions> {
  const module = await importModule(path);
  const hooks: unknown = 'default' in module ? module.default : { ...module };
  if (typeof hooks !== 'object' || hooks === null)
    throw new TypeError(`The default export of ${path} has to be an object of hooks.`);
  const strangers = besideDefault(module, hooks);
  if (strangers.length > 0)
    throw new TypeError(
      `${path} exports ${strangers.join(', ')} beside its default; put hooks into the default export.`,
    );
  assertHooks(hooks, path);
  return hooks;
}

/** Node shows the members of a CommonJS module twice: in its default and by name. */
function besideDefault(module: Record<string, unknown>, hooks: object): string[] {
  if (!('default' in module)) return [];
  const twice = new Map<string, unknown>([...Object.entries(hooks), ['default', hooks], ['module.exports', hooks]]);
  return Object.keys(module).filter((name) => name !== '__esModule' && twice.get(name) !== module[name]);
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (cause) {
    throw new TypeError(`The hooks in ${path} cannot be loaded: ${messageOf(cause)}`, { cause });
  }
}

function messageOf(error: unknown): string {
  return errorText(error);
}
