import { PassThrough } from 'node:stream';
import { createSystemClock } from '@latchkey/core/internal';
import { createOutput } from '../../src/cli/output.ts';
import { runCommandLine } from '../../src/cli/run-command-line.ts';

// Writes a megabyte, which no pipe holds, and fails.
const stdout = createOutput(process.stdout);
void stdout.write('y'.repeat(1_048_576));
const stderr = createOutput(new PassThrough());
process.exit(await runCommandLine(['nothing'], { env: {}, clock: createSystemClock(), stdout, stderr }));
