import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ErrorCode, toFailure } from '@latchkey/contract';
import type { Component } from '../bootstrap/lifecycle.ts';
import type { Config } from '../config/config.ts';

/** One line there, one line back, both JSON. */
type ControlResponse = { ok: true; data: unknown } | { ok: false; error: { code: ErrorCode; message: string } };

const maxLineBytes = 1_048_576;

/** Where the running process of embedded mode takes commands. */
export function controlSocketPath({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'control.sock');
}

/**
 * The command line's way into a running process, because the embedded database has one owner: a Unix socket (mode 600)
 * in the data folder. It takes a line `["create","bank"]` and answers with a line.
 */
export function createControlSocket(deps: {
  path: string;
  run: (words: readonly string[]) => Promise<unknown>;
  onError: (error: unknown) => void;
}): Component {
  const { path, run, onError } = deps;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.bytesRead > maxLineBytes && socket.destroy());
    createInterface({ input: socket }).once('line', (line) => void answer(socket, line));
  });

  async function answer(socket: Socket, line: string): Promise<void> {
    const response = await execute(line);
    socket.end(`${JSON.stringify(response)}\n`);
  }

  async function execute(line: string): Promise<ControlResponse> {
    try {
      return { ok: true, data: await run(JSON.parse(line) as string[]) };
    } catch (error) {
      const { code, message, details = [] } = toFailure(error);
      if (code === 'internal_error') onError(error);
      const places = details.map(({ path: where, message: what }) => `${where}: ${what}`);
      return { ok: false, error: { code, message: [message, ...places].join(' ') } };
    }
  }

  return {
    name: 'control socket',
    // Where the path is too long for a socket the service runs all the same, without this way in.
    start: () =>
      new Promise<void>((resolve) => {
        rmSync(path, { force: true });
        server.once('error', (error) => {
          onError(error);
          resolve();
        });
        server.listen(path, () => {
          chmodSync(path, 0o600);
          resolve();
        });
        server.unref();
      }),
    stop() {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

/** Asks the process that listens there; `undefined` when none does. */
export async function callControlSocket(path: string, words: readonly string[]): Promise<ControlResponse | undefined> {
  const socket = connect(path);
  try {
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.write(`${JSON.stringify(words)}\n`);
    for await (const line of createInterface({ input: socket })) return JSON.parse(line) as ControlResponse;
    return undefined;
  } catch (error) {
    if (['ENOENT', 'ECONNREFUSED', 'EINVAL'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  } finally {
    socket.destroy();
  }
}
