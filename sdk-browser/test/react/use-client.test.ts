import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { build } from 'esbuild';

const folder = 'sdk-browser/dist/react';
const directive = /^\s*(['"])use client\1;/;
const needsClient = /from 'react'|from '\.\/(session-provider|use-api|use-session)\.js'/;

describe('the React entry', () => {
  it("is marked 'use client', as published and file by file", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
    const marked = files.filter((_, index) => directive.test(texts[index]!));
    expect(marked).to.deep.equal(files.filter((_, index) => needsClient.test(texts[index]!)));
    expect(marked).to.include('index.js');
  });

  it("keeps 'use client' in a bundle", async () => {
    const { outputFiles } = await build({
      entryPoints: [join(folder, 'index.js')],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      external: ['react', 'socket.io-client'],
    });
    expect(outputFiles[0]!.text).to.match(directive);
  });
});
