import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { adminEvents, adminPaths, events, paths } from '@latchkey/contract';
import { expect } from 'chai';
import { checkPages } from '../docs/.vitepress/sidebar.ts';
import { generated, isCurrent } from '../docs/generate.ts';
import { hasHeading } from './docs/headings.ts';

const guarantees = () => readFileSync('docs/why/guarantees.md', 'utf8');

function titlesOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/\b(?:it|describe)\(\s*(['"`])(.+?)\1/g)].map(([, , title]) => title!);
}

describe('documentation', () => {
  for (const file of Object.keys(generated)) {
    it(`${file} matches the code (npm run docs)`, () => {
      expect(isCurrent(file)).to.equal(true);
    });
  }

  it('names every event and every path of the contract', () => {
    const page = readFileSync('docs/reference/protocol.md', 'utf8');
    const missing = [events, paths, adminEvents, adminPaths]
      .flatMap((names) => Object.values<string>(names))
      .filter((name) => !page.includes(`\`${name}\``) && !page.includes(` ${name}\``));
    expect(missing).to.deep.equal([]);
  });

  it('names existing tests for every row of docs/why/guarantees.md', () => {
    const rows = guarantees()
      .split('\n')
      .filter((line) => /^\|.*`(test|service|sdk-[a-z]+)\/.*\.(?:test|drill)\.ts`/.test(line));
    expect(rows.length).to.be.at.least(6);
    for (const row of rows) {
      const [, file, title] = /`([^`]+\.(?:test|drill)\.ts)`[^“]*“([^”]+)”/.exec(row) ?? [];
      expect(file, row).to.be.a('string');
      expect(existsSync(file!), file).to.equal(true);
      expect(
        titlesOf(file!).some((one) => one.startsWith(title!)),
        `${file}: ${title}`,
      ).to.equal(true);
    }
  });

  it('names existing files, and tests by the beginning of their titles', () => {
    for (const page of pages().filter((file) => /^(?:docs\/|README|CONTRIBUTING)/.test(file))) {
      const text = readFileSync(page, 'utf8').replaceAll(/\s+/g, ' ');
      const files = [...text.matchAll(/`((?:contract|examples|migrations|sdk-[a-z]+|service|test)\/[\w./-]+)`/g)];
      expect(files.map(([, file]) => file!).filter((file) => !existsSync(file))).to.deep.equal([]);
      for (const [, file, title] of text.matchAll(/`([\w./-]+\.(?:test|drill)\.ts)`,? “([^”]+)”/g))
        expect(
          titlesOf(file!).some((one) => one.startsWith(title!)),
          `${page}, ${file}: ${title}`,
        ).to.equal(true);
    }
  });

  it('links to files and headings that exist', () => {
    const broken = pages().flatMap((page) =>
      linksOf(page).filter(([file, heading]) => !existsSync(file) || !hasHeading(file, heading)),
    );
    expect(broken).to.deep.equal([]);
  });

  it('is in the folder of a section of the site', () => {
    const own = pages().filter((file) => file.startsWith('docs/'));
    checkPages(own.map((file) => file.slice('docs/'.length)));
    expect(() => checkPages(['other.md'])).to.throw('no section for other.md');
  });

  it('exists where the code, the image and the composition name it', () => {
    const files = execFileSync('git', ['ls-files', '*/src/*', 'Dockerfile', 'compose.yaml'], { encoding: 'utf8' });
    const named = files
      .split('\n')
      .filter((file) => /\.(ts|html|yaml)$|^Dockerfile$/.test(file))
      .flatMap((file) => [
        ...readFileSync(file, 'utf8').matchAll(/\b((?:docs|sdk-[a-z]+)\/[\w/-]+\.md)(?:#([\w-]+))?/g),
      ]);
    const broken = named.filter(([, file, heading]) => !existsSync(file!) || !hasHeading(file!, heading));
    expect(named).to.not.have.length(0);
    expect(broken.map(([name]) => name)).to.deep.equal([]);
  });

  it('contains every rule and section that comments and titles of tests cite', () => {
    const files = execFileSync('git', ['ls-files', '*.ts'], { encoding: 'utf8' }).split('\n').filter(existsSync);
    const texts = files.flatMap((file) => citingTexts(readFileSync(file, 'utf8')).map((text) => `${file}: ${text}`));
    expect(texts.filter((text) => /\b(?!V8)[A-Z]\d{1,2}\b|\brules? \d/.test(text))).to.deep.equal([]);
    expect(texts.filter((text) => text.includes('§') && !/\bRFC ?\d|\brfc\d|\bNIST SP\b/.test(text))).to.deep.equal([]);
  });
});

/** Comments, and titles of tests. */
function citingTexts(source: string): string[] {
  const found = source.matchAll(/^\s*\/\*\*?[\s\S]*?\*\/|(?:^\s*\/\/.*\n)+|\b(?:it|describe)\(\s*(['"`]).+?\1/gm);
  return [...found].map(([text]) => text);
}

function pages(): string[] {
  const files = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' });
  return files.split('\n').filter((file) => file !== '');
}

/** The links of a page to files of the repository: file and heading. */
function linksOf(page: string): (readonly [string, string | undefined])[] {
  return [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)/g)].map(
    ([, file, heading]) => [file === '' ? page : join(dirname(page), file!), heading],
  );
}
