#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { readArguments, UsageError } from './arguments.ts';
import { AppError, createApp } from './create-app.ts';

const usage = `usage: npm create latchkey FOLDER [-- --packages FOLDER]

Makes an app with sign-in, live sessions and typed calls: Vite, React and Express.

  --packages FOLDER  takes the packages of Latchkey from tarballs, not from the registry
  --help             prints this text
  --version          prints the version
`;

function readVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function main(args: readonly string[]): void {
  const asked = readArguments(args);
  const version = readVersion();
  if (asked.kind === 'help') process.stdout.write(usage);
  else if (asked.kind === 'version') process.stdout.write(`${version}\n`);
  else {
    createApp({ ...asked, version });
    process.stdout.write(`${asked.folder} is ready:\n\n  cd ${asked.folder}\n  npm install\n  npm run dev\n`);
  }
}

// Who reads the output, such as `head`, may end before this process.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof AppError)) throw error;
  process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${usage}` : `${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
