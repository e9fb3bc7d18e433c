import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadOrCreateSecrets } from '../../src/bootstrap/embedded-secret.ts';

describe('loadOrCreateSecrets', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'latchkey-secret-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));
  const load = (secret: string[] = [], embedded = true) => loadOrCreateSecrets({ secret, embedded, dataDir });
  const file = () => join(dataDir, 'secret');

  it('returns the configured secrets, and reads no folder', () => {
    expect(load(['one', 'two'])).to.deep.equal(['one', 'two']);
    expect(load([], false)).to.deep.equal([]);
    expect(readdirSync(dataDir)).to.deep.equal([]);
  });

  it('creates a secret at the first start, readable by its owner only, and keeps it', () => {
    const [secret] = load();
    expect(Buffer.from(secret!, 'base64url')).to.have.length(32);
    expect(statSync(file()).mode & 0o777).to.equal(0o600);
    expect(load()).to.deep.equal([secret]);
    expect(readdirSync(dataDir)).to.deep.equal(['secret']);
  });

  it('ignores the incomplete file of an aborted start', () => {
    writeFileSync(`${file()}.new`, 'hal');
    const [secret] = load();
    expect(Buffer.from(secret!, 'base64url')).to.have.length(32);
    expect(readFileSync(file(), 'utf8')).to.equal(secret);
  });

  it('throws for a file that is shorter than a secret', () => {
    load();
    for (const size of [31, 0]) {
      truncateSync(file(), size);
      expect(() => load()).to.throw(`${file()} holds no secret`);
    }
  });
});
