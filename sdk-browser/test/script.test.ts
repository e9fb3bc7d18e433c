import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { expect } from 'chai';

describe('latchkey.min.js', () => {
  it('is one script that defines one global with the names of every entry', async () => {
    execFileSync('npm', ['run', '--silent', 'build', '--workspace', 'sdk-browser'], { stdio: 'pipe' });
    const text = readFileSync('sdk-browser/dist/latchkey.min.js', 'utf8');
    const page = createContext({ URL, setTimeout, clearTimeout, performance, AbortController });
    const before = Object.getOwnPropertyNames(page);
    runInContext(text, page);
    expect(Object.getOwnPropertyNames(page).filter((name) => !before.includes(name))).to.deep.equal(['latchkey']);
    const names = Object.keys(runInContext('latchkey', page));
    const ways = [
      await import('../src/index.ts'),
      await import('../src/api/index.ts'),
      await import('../src/redirect/index.ts'),
    ];
    expect(names).to.have.members(ways.flatMap((way) => Object.keys(way)));
    expect(runInContext("latchkey.createSession({ url: 'https://id.example.com' }).state.status", page)).to.equal(
      'signed_out',
    );
  });
});
