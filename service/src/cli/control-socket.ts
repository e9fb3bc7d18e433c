import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type ErrorCode, errors, type Failure, fail, toFailure } from '@latchkey/contract';
import { z } from 'zod';
import type { Component } from '../bootstrap/lifecycle.ts';
import type { Config } from '../config/config.ts';
import { DatabaseDamagedError, DataDirUnusableError } from '../db/data-dir-error.ts';
import { listenPrivately } from '../db/private-socket.ts';
import { CommandFailure } from './command-context.ts';
import { describeWithReason } from './error-message.ts';

/** A call by its name, and its input. One line there, one line back, both JSON. */
type ControlRequest = readonly [name: string, input: unknown];

/** A piece of an import has about 1 MiB at most. Numbers such as `1e20` are longer once they were parsed. */
const maxLineBytes = 8_388_608;

/** Where the running process of embedded mode takes commands. */
export function controlSocketPath({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'control.sock');
}

/**
 * The command line's way into a running process, because the embedded database has one owner: a Unix socket (mode 600)
 * in the data folder. It takes a line `["removeBackend","bank"]` and answers with a line.
 */
export function createControlSocket(deps: {
  path: string;
  run: (name: string, input: unknown) => Promise<unknown>;
  onError: (error: unknown) => void;
}): Component {
  const { path, run, onError } = deps;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.bytesRead > maxLineBytes && socket.destroy());
    // An interface emits the errors of its input as its own.
    const lines = createInterface({ input: socket }).on('error', () => {});
    lines.once('line', (line) => void answer(socket, line));
  });

  async function answer(socket: Socket, line: string): Promise<void> {
    const response = await execute(line);
    socket.end(`${JSON.stringify(response)}\n`);
  }

  async function execute(line: string): Promise<ControlResponse> {
    try {
      const [name, input] = parseRequest(line);
      return { ok: true, data: await run(name, input) };
    } catch (error) {
      const failure = toCommandFailure(error);
      if (failure.code === 'internal_error') onError(error);
      return { ok: false, error: { code: failure.code, message: describeWithReason(failure) } };
    }
  }

  return {
    name: 'control socket',
    // Where the path is too long for a socket the service runs all the same, without this way in.
    async start() {
      await listenPrivately(server, path).catch(onError);
      server.on('error', onError);
      server.unref();
    },
    stop() {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

/** An error of the database's files says what to do. */
function toCommandFailure(error: unknown): Failure {
  const isOfFiles = error instanceof DataDirUnusableError || error instanceof DatabaseDamagedError;
  return isOfFiles ? fail('unavailable', { message: error.message }) : toFailure(error);
}

/** What is no request has no name, and is refused as one of another version. */
function parseRequest(line: string): ControlRequest {
  const unnamed: ControlRequest = ['', undefined];
  try {
    const request: unknown = JSON.parse(line);
    return Array.isArray(request) ? (request as unknown as ControlRequest) : unnamed;
  } catch {
    return unnamed;
  }
}

/** No process listens there, it has ended, or it is one of another user, who has the folder. */
const noAnswerCodes = ['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EINVAL', 'EACCES', 'EPERM'];

/** A call may delete many rows. */
const defaultTimeoutMs = 600_000;

/**
 * Asks the process that listens there; `undefined`: it has ended, or none listens.
 *
 * @throws CommandFailure it listens and does not answer, or answers with what is no answer
 */
export async function callControlSocket(
  path: string,
  name: string,
  input?: unknown,
  timeoutMs: number = defaultTimeoutMs,
): Promise<ControlResponse | undefined> {
  const socket = connect(path);
  const late = AbortSignal.timeout(timeoutMs);
  addAbortSignal(late, socket);
  try {
    socket.write(`${JSON.stringify([name, input] satisfies ControlRequest)}\n`);
    return parseResponse(await text(socket), path);
  } catch (error) {
    if (late.aborted) throw new CommandFailure(`The process that owns the data folder does not answer (${path}).`);
    if (noAnswerCodes.includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  } finally {
    socket.destroy();
  }
}

const responseSchema = z.union([
  z.object({ ok: z.literal(true), data: z.unknown().optional() }),
  z.object({
    ok: z.literal(false),
    error: z.object({ code: z.enum(Object.keys(errors) as [ErrorCode, ...ErrorCode[]]), message: z.string() }),
  }),
]);
type ControlResponse = z.infer<typeof responseSchema>;

/** A process that ends may have written a part of its answer, or nothing. */
function parseResponse(answer: string, path: string): ControlResponse | undefined {
  if (!answer.endsWith('\n')) return undefined;
  try {
    return responseSchema.parse(JSON.parse(answer));
  } catch {
    throw new CommandFailure(`What answers at ${path} is no service of this version.`);
  }
}
