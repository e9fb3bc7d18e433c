#!/usr/bin/env node
import { createSystemClock } from '@latchkey/core/internal';
import { runCommandLine } from './cli/run-command-line.ts';
import { processEnv } from './config/env.ts';

// A reader that ends early, such as `head`, ends the command: it may not be done.
process.stdout.on('error', () => process.exit(1));

const exitCode = await runCommandLine(process.argv.slice(2), {
  env: processEnv(),
  clock: createSystemClock(),
  stdout: process.stdout,
  stderr: process.stderr,
});
if (exitCode !== 0) process.exit(exitCode);
