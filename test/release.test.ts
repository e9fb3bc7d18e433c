import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readManifest } from '../scripts/published-packages.ts';
import { listUnpublished } from '../scripts/unpublished.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = '.github/workflows';
const { version } = readManifest();

describe('workflows', () => {
  const texts = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const workflow = (file: string) => parse(texts.get(file)!) as Workflow;
  const release = () => workflow('release.yml').jobs;
  const commandsOf = ({ steps = [] }: Job) => steps.flatMap(({ run }) => run ?? []).join('\n');

  for (const file of texts.keys())
    it(`of ${file} may read only, other than the jobs that say so`, () => {
      expect(workflow(file).permissions).to.deep.equal({ contents: 'read' });
    });

  it('name each action by a commit, with its version beside it', () => {
    const actions = [...texts.values()].flatMap((text) => text.match(/uses: .*@.*$/gm) ?? []);
    expect(actions).to.have.length.of.at.least(5);
    expect(actions.filter((one) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(one))).to.deep.equal([]);
  });

  it('give the identity that the registry trusts to one job, in an environment', () => {
    const all = [...texts.keys()].flatMap((file) => Object.entries(workflow(file).jobs));
    const trusted = all.filter(([, { permissions }]) => permissions?.['id-token'] !== undefined);
    expect(trusted.map(([name, { environment }]) => [name, environment])).to.deep.equal([['publish', 'npm']]);
    expect(release().publish!.permissions).to.deep.equal({ 'id-token': 'write' });
  });

  it('publish tarballs of a job that has no secret, and run no code of a package beside the identity', () => {
    const { pack, publish } = release();
    expect([pack!.permissions, pack!.environment]).to.deep.equal([undefined, undefined]);
    expect(JSON.stringify(pack)).to.not.match(/secrets\.|github\.token/);
    expect(commandsOf(pack!)).to.include('npm run pack:all');
    expect(publish!.needs).to.equal('pack');
    expect(publish!.steps!.some(({ uses }) => uses?.startsWith('actions/checkout@'))).to.equal(false);
    const commands = commandsOf(publish!).match(/^ *(?:npm|npx|node) .*$/gm)!;
    expect(commands.map((one) => one.trim())).to.deep.equal([
      'npm publish "./$tarball" --provenance --access public --ignore-scripts',
    ]);
  });

  it('never write an expression into a script: values come by the environment', () => {
    const scripts = [...texts.keys()].flatMap((file) => Object.values(workflow(file).jobs).map(commandsOf));
    expect(scripts.filter((text) => text.includes('${{'))).to.deep.equal([]);
  });
});

describe('packages that a registry lacks', () => {
  let server: Server;
  let registry: string;
  let answer: (path: string) => number;
  const asked: string[] = [];

  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url!);
      response.writeHead(answer(request.url!)).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  after(() => server.close());

  it('are listed as tarballs, each after those that it depends on', async () => {
    answer = (path) => (path.startsWith('/@latchkey%2fcontract/') ? 200 : 404);
    expect(await listUnpublished(registry)).to.deep.equal(
      ['migrations', 'core', 'sdk-server', 'sdk-browser', 'service']
        .map((name) => `latchkey-${name}-${version}.tgz`)
        .concat(`create-latchkey-${version}.tgz`),
    );
    expect(asked).to.include(`/@latchkey%2fcore/${version}`);
  });

  it('are none when each version is published', async () => {
    answer = () => 200;
    expect(await listUnpublished(registry)).to.deep.equal([]);
  });

  it('are not guessed when the registry fails', async () => {
    answer = () => 503;
    const error = await listUnpublished(registry).catch((caught: Error) => caught);
    expect((error as Error).message).to.match(/answered 503$/);
  });
});
