import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { repositoryAddress } from './published-packages.ts';

/**
 * usage: npm run repository -- https://github.com/OWNER/NAME
 *
 * Replaces the address of the public repository in every manifest and README.
 */
function main([address = '']: readonly string[]): void {
  if (!/^https:\/\/[\w.-]+\/[\w.-]+\/[\w.-]+(?<!\.git)$/.test(address)) {
    process.stderr.write('usage: npm run repository -- https://github.com/OWNER/NAME\n');
    process.exitCode = 2;
    return;
  }
  const before = repositoryAddress();
  for (const file of filesWith(before)) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(before, address));
    process.stdout.write(`${file}\n`);
  }
}

function filesWith(address: string): string[] {
  const files = execFileSync('git', ['ls-files', '*package.json', '*README.md'], { encoding: 'utf8' });
  return files
    .trim()
    .split('\n')
    .filter((file) => readFileSync(file, 'utf8').includes(address));
}

main(process.argv.slice(2));
