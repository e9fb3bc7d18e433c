import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkRange, checkSubject, folderNames } from '../scripts/check-commit-message.ts';

const folders = folderNames(['.ci/run', 'service/src/domain/session/session.ts', 'README.md']);

const good = [
  'fix(session): keep the token of a tab that sleeps',
  'feat(service)!: refuse requests without a proof',
  'docs: describe the release',
  'chore(ci): bring the limits up to date',
  'test(domain): embed the clock, 1.5 s ahead',
  'fix(session): pass errors of version 2.0 on',
  `fix(session): keep ${'x'.repeat(53)}`,
];

const bad: readonly (readonly [subject: string, problem: string])[] = [
  ['fix(session): keep the token; drop the key', 'more than one clause'],
  ['fix(session): keep the token. Drop the key', 'more than one clause'],
  ['fix(session): keep the token.', 'full stop'],
  ['fix(session): Keep the token', 'lower case'],
  ['fix(session): fixed the token', 'imperative'],
  ['fix(session): fixing the token', 'imperative'],
  ['fix(session): fixes the token', 'imperative'],
  ['fix(session): the token is kept', 'imperative'],
  ['fix(cookie): keep the token', 'no folder'],
  ['fix(README.md): keep the token', 'form'],
  ['bug(session): keep the token', 'unknown type'],
  ['fix(session) keep the token', 'form'],
  ['keep the token', 'form'],
  [`fix(session): keep ${'x'.repeat(54)}`, 'has 73 characters'],
];

/** Why the subjects of the last commits cannot be read; undefined when they can. */
function missingHistory(): string | undefined {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--is-shallow-repository'], { encoding: 'utf8' });
  if (status !== 0) return 'no git repository';
  return stdout.trim() === 'true' ? 'a shallow clone' : undefined;
}

describe('check of commit messages', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-commits-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs the git hook on a message. */
  function runHook(message: string) {
    const file = join(folder, 'COMMIT_EDITMSG');
    writeFileSync(file, message);
    const { status, stderr } = spawnSync('.githooks/commit-msg', [file], { encoding: 'utf8' });
    return { status, stderr };
  }

  /** Commits the files of another repository, and removes those of the commit before. */
  function commit(subject: string, file: string) {
    const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' });
    git('init');
    git('rm', '-r', '--ignore-unmatch', '.');
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), subject);
    git('add', '.');
    git(
      '-c',
      'user.name=Test',
      '-c',
      'user.email=test@example.org',
      '-c',
      'commit.gpgsign=false',
      'commit',
      '-m',
      subject,
    );
  }

  for (const subject of good)
    it(`accepts "${subject}"`, () => {
      expect(checkSubject(subject, folders)).to.deep.equal([]);
    });

  for (const [subject, problem] of bad)
    it(`refuses "${subject}"`, () => {
      expect(checkSubject(subject, folders).join('\n')).to.include(problem);
    });

  it('reads the folders from the paths of files', () => {
    expect([...folders]).to.have.members(['ci', 'service', 'src', 'domain', 'session']);
  });

  it('runs as a git hook, which refuses a bad message and names its problem', () => {
    expect(runHook('fix(contract): check the message\n\nAny body. With sentences.\n')).to.include({ status: 0 });
    const refused = runHook('# comment\nfix(contract): checked the message\n');
    expect(refused.status).to.equal(1);
    expect(refused.stderr).to.include('not in the imperative: "checked"');
  });

  it('accepts merges and commits for a rebase', () => {
    for (const message of ["Merge branch 'main'", 'fixup! fix(contract): check the message'])
      expect(runHook(message), message).to.include({ status: 0 });
  });

  it('accepts folders of each commit, and those that it removes', () => {
    commit('feat(first): add a file', 'first/file.ts');
    commit('refactor(first): move the file', 'second/file.ts');
    commit('fix(first): rename the file', 'second/other.ts');
    const problems = checkRange('HEAD', folder);
    expect(problems).to.have.length(1);
    expect(problems[0]).to.include('fix(first): rename the file').and.include('no folder');
  });

  const missing = missingHistory();
  const title = 'passes the last 20 commits';
  if (missing !== undefined) it.skip(`${title} (skipped: ${missing})`);
  else
    it(title, () => {
      expect(checkRange('-20')).to.deep.equal([]);
    });
});
