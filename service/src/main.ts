#!/usr/bin/env node
import { createSystemClock } from '@latchkey/core/internal';
import { runCommandLine } from './cli/run-command-line.ts';
import { exitWhenWritten, exitWithoutReader } from './cli/standard-output.ts';
import { processEnv } from './config/env.ts';

exitWithoutReader();

const exitCode = await runCommandLine(process.argv.slice(2), {
  env: processEnv(),
  clock: createSystemClock(),
  stdout: process.stdout,
  stderr: process.stderr,
});
if (exitCode !== 0) await exitWhenWritten(exitCode);
