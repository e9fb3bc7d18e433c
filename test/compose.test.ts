import { readFileSync } from 'node:fs';
import { describeSettings } from '@latchkey/service';
import { expect } from 'chai';

const compose = readFileSync('compose.yaml', 'utf8');
const settings = new Map(describeSettings().map((row) => [row.name, row]));

/** The text of one service. */
function serviceOf(name: string): string {
  const [, text] = new RegExp(`^  ${name}:(?: &\\w+)?\\n((?:    .*\\n|\\n)+)`, 'm').exec(compose) ?? [];
  if (text === undefined) throw new Error(`compose.yaml has no service "${name}"`);
  return text;
}

describe('compose.yaml', () => {
  it('sets only settings that exist', () => {
    const names = [...compose.matchAll(/^ +(LATCHKEY_\w+?|DATABASE_URL)(?:_FILE)?: /gm)].map(([, name]) => name!);
    expect(names).to.include('LATCHKEY_PUBLIC_URL');
    expect(names.filter((name) => !settings.has(name))).to.deep.equal([]);
  });

  it('gives nodes more time to stop than their shutdown deadline', () => {
    const deadline = Number(settings.get('LATCHKEY_SHUTDOWN_DEADLINE_IN_SECS')!.fallback);
    expect(compose).to.contain(`LATCHKEY_SHUTDOWN_DEADLINE_IN_SECS (${deadline})`);
    const [, grace] = /stop_grace_period: (\d+)s/.exec(serviceOf('service')) ?? [];
    expect(Number(grace)).to.be.above(deadline);
  });

  it('publishes the proxy alone, at the public URL of every node', () => {
    const [, port] = /ports: \['127\.0\.0\.1:(\d+):80'\]/.exec(serviceOf('proxy')) ?? [];
    expect(compose).to.contain(`LATCHKEY_PUBLIC_URL: \${LATCHKEY_PUBLIC_URL:-http://localhost:${port}}`);
    expect(compose.match(/LATCHKEY_PUBLIC_URL: /g)).to.have.length(1);
    expect(serviceOf('service')).to.not.contain('ports:');
  });

  it('has the nodes that its proxy passes requests to', () => {
    const nodes = [...readFileSync('deploy/nginx/latchkey.conf', 'utf8').matchAll(/server ([\w-]+):4000/g)];
    expect(nodes.map(([, name]) => name)).to.deep.equal(['service', 'second-node']);
    expect(compose).to.contain('  second-node: *service\n');
  });
});
