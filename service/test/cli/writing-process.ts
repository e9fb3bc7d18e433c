import { exitWhenWritten } from '../../src/cli/standard-output.ts';

// Writes a megabyte, which no pipe holds, and fails.
process.stdout.write('y'.repeat(1_048_576));
await exitWhenWritten(1);
