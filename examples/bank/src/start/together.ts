import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '@latchkey/sdk-server';
import getPort from 'get-port';
import { readLaunchSettings } from '../config/launch.ts';
import { lockFolder } from '../database/lock-folder.ts';
import { extension, type Program, startProgram } from './program.ts';

const pollMs = 50;
/** A terminal signals the whole process group, and npm forwards the signal: a second one within this time is the same. */
const sameSignalMs = 500;

/** Addresses and environments of both programs. */
interface LaunchConfig {
  readonly servicePort: number;
  readonly latchkeyUrl: string;
  readonly bankPort: number;
  readonly bankUrl: string;
  readonly service: Readonly<Record<string, string>>;
  readonly bank: Readonly<Record<string, string>>;
}

/** @throws TypeError with a sentence that names the setting, for one that cannot be used */
async function chooseLaunchConfig(): Promise<LaunchConfig> {
  const settings = readLaunchSettings();
  const folder = resolve(settings.dataDir);
  await lockFolder(folder);
  const servicePort = await choosePort('PORT', settings.servicePort, 4_000, settings.bankPort);
  const bankPort = await choosePort('BANK_PORT', settings.bankPort, 4_100, servicePort);
  const { serviceUrl: latchkeyUrl = `http://localhost:${servicePort}`, bankUrl = `http://localhost:${bankPort}` } =
    settings;
  const env = { LOG_LEVEL: 'warn', ...settings.both };
  const data = join(folder, 'service');
  return {
    servicePort,
    latchkeyUrl,
    bankPort,
    bankUrl,
    service: {
      ...env,
      ...settings.service,
      PORT: String(servicePort),
      LATCHKEY_DATA_DIR: data,
      LATCHKEY_ALLOWED_ORIGINS: bankUrl,
      LATCHKEY_HOOKS: fileURLToPath(new URL(`../hooks${extension}`, import.meta.url)),
    },
    bank: {
      ...env,
      BANK_PORT: String(bankPort),
      BANK_PUBLIC_URL: bankUrl,
      BANK_LATCHKEY_URL: latchkeyUrl,
      BANK_BACKEND_FILE: join(data, 'backend.json'),
      BANK_DATA_DIR: join(folder, 'bank'),
    },
  };
}

/** The port that is set, which has to be free; else the default, or a free one if that is in use. Never `other`. */
async function choosePort(name: string, given: number | undefined, fallback: number, other?: number): Promise<number> {
  const port = await getPort({ port: given ?? fallback, exclude: other === undefined ? [] : [other] });
  if (given === undefined || port === given) return port;
  throw new TypeError(`${name}: ${given} is in use, or this user may not listen on it. Set another ${name}.`);
}

/** Resolves when the program listens on the port and `/health/ready` answers 200. @throws Error if it ends before */
async function untilReady(child: Program, port: number, signal: AbortSignal): Promise<void> {
  const early = child.ended.then((ending) => {
    throw new Error(`the ${child.name} ended with ${ending} before it was ready`);
  });
  const isOwn = async () => child.hasPort(port) && (await isReady(`http://localhost:${port}`));
  while (!signal.aborted && !(await Promise.race([early, isOwn()]))) await sleep(pollMs, undefined, { signal });
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

/** Returns an `AbortSignal` of the first signal. A second one, such as Ctrl-C during a slow stop, ends this process at once. */
function createStopSignal(): AbortSignal {
  const clock = createSystemClock();
  const stop = new AbortController();
  let at = 0;
  const onSignal = () => {
    if (stop.signal.aborted && clock.monotonic() - at > sameSignalMs) process.exit(1);
    if (!stop.signal.aborted) at = clock.monotonic();
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return stop.signal;
}

/** Starts the service, then the bank. Resolves at a stop signal, or when one of them ends. */
async function run(children: Program[], signal: AbortSignal): Promise<void> {
  const place = await chooseLaunchConfig();
  const service = new URL('dist/main.js', import.meta.resolve('@latchkey/service/package.json'));
  const bank = new URL(`../main${extension}`, import.meta.url);
  children.push(startProgram('service', service, place.service));
  await untilReady(children[0]!, place.servicePort, signal);
  children.push(startProgram('bank', bank, place.bank));
  await untilReady(children[1]!, place.bankPort, signal);
  process.stdout.write(welcome(place));
  const stopped = new Promise<void>((done) => signal.addEventListener('abort', () => done()));
  await Promise.race([stopped, ...children.map(({ ended }) => ended)]);
}

function welcome({ bankUrl, latchkeyUrl }: LaunchConfig): string {
  return `The bank is open: ${bankUrl}
Open it in two browsers, or in one and a private window, and make an account in each. Then send money.
The service is at ${latchkeyUrl}. Ctrl-C ends both.
`;
}

/** Ends the programs in reverse order of their start. Returns true if each exited with 0, or by SIGTERM before it was ready. */
async function endAll(children: readonly Program[]): Promise<boolean> {
  const endings = [];
  for (const child of children.toReversed()) endings.push(await child.stop());
  return endings.every((ending) => ending === 0 || ending === 'SIGTERM');
}

// Who reads the output, such as `head`, may end before this process.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

const children: Program[] = [];
const stop = createStopSignal();
try {
  await run(children, stop);
} catch (error) {
  if (!stop.aborted) process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
}
const isClean = await endAll(children);
process.exitCode = stop.aborted && isClean ? 0 : 1;
