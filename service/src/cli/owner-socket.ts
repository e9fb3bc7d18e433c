import type { Component } from '../bootstrap/lifecycle.ts';
import type { Config } from '../config/config.ts';
import { explainFileError } from '../db/data-dir-error.ts';
import { controlSocketPath, createControlSocket } from './control-socket.ts';
import { type OwnerDeps, runOwnerCall } from './owner-calls.ts';

/** The control socket of the process that owns an embedded database. Its answers name what is wrong with the files. */
export function createOwnerSocket(config: Config, deps: OwnerDeps, onError: (error: unknown) => void): Component {
  async function run(name: string, input: unknown): Promise<unknown> {
    try {
      return await runOwnerCall(deps, name, input);
    } catch (error) {
      throw explainFileError(config, error);
    }
  }
  return createControlSocket({ path: controlSocketPath(config), run, onError });
}
