import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadHooks } from '../../src/hook/load-hooks.ts';

describe('loadHooks', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-hooks-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function load(name: string, source: string) {
    const path = join(folder, name);
    await writeFile(path, source);
    return loadHooks(path);
  }
  const mistake = (name: string, source: string) =>
    load(name, source).then(
      () => 'none',
      (error: Error) => `${error.name}: ${error.message}`,
    );

  it('loads a default export, named exports, and CommonJS', async () => {
    expect(await load('a.mjs', 'export default { claim: () => ({ a: 1 }) }')).to.have.keys('claim');
    expect(await load('b.mjs', 'export const claim = () => ({}); export function onLogin() {}')).to.have.keys(
      'claim',
      'onLogin',
    );
    expect(await load('c.cjs', 'module.exports = { claim: () => ({}) }')).to.have.keys('claim');
    expect(await load('d.cjs', 'exports.claim = () => ({})')).to.have.keys('claim');
  });

  const wrong = {
    'e.mjs': ['export const claims = () => ({})', 'claims is not a hook'],
    'f.mjs': ['export default { claim: 7 }', 'claim has to be a function'],
    'g.mjs': ['export default 7', 'has to be an object of hooks'],
    'h.mjs': ['export default {}; export const claim = () => ({})', 'exports claim beside its default'],
    'i.mjs': ['export default {', 'cannot be loaded'],
    'j.mjs': ['throw new Error("no database")', 'cannot be loaded: no database'],
  };
  for (const [name, [source, sentence]] of Object.entries(wrong)) {
    it(`rejects with "${sentence}" and the path`, async () => {
      const said = await mistake(name, source!);
      expect(said).to.match(/^TypeError: /);
      expect(said).to.contain(sentence).and.contain(name);
    });
  }

  it('rejects with the path when the file is missing', async () => {
    const said = await loadHooks(join(folder, 'nowhere.mjs')).catch((error: Error) => error.message);
    expect(said).to.contain('nowhere.mjs').and.contain('cannot be loaded');
  });
});
