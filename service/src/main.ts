#!/usr/bin/env node
import { createSystemClock } from '@latchkey/core/internal';
import { createOutput } from './cli/output.ts';
import { runCommandLine } from './cli/run-command-line.ts';
import { processEnv } from './config/env.ts';

const exitCode = await runCommandLine(process.argv.slice(2), {
  env: processEnv(),
  clock: createSystemClock(),
  stdout: createOutput(process.stdout),
  stderr: createOutput(process.stderr),
});
if (exitCode !== 0) process.exit(exitCode);
