import { readFileSync } from 'node:fs';
import { describeSettings } from '@latchkey/service';
import { expect } from 'chai';

const compose = readFileSync('compose.yaml', 'utf8');
const settings = new Map(describeSettings().map((row) => [row.name, row]));

/** The text of one service. */
function serviceOf(name: string): string {
  const [, text] = new RegExp(`^  ${name}:\\n((?:    .*\\n|\\n)+)`, 'm').exec(compose) ?? [];
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
    for (const name of ['service', 'second-node']) {
      const [, grace] = /stop_grace_period: (\d+)s/.exec(serviceOf(name)) ?? [];
      expect(Number(grace), name).to.be.above(deadline);
    }
  });

  it('sets the address of each node as its public URL', () => {
    for (const [name, settingsOfNode] of [
      ['service', compose.slice(0, compose.indexOf('\nservices:'))],
      ['second-node', serviceOf('second-node')],
    ] as const) {
      const [, port] = /ports: \['127\.0\.0\.1:(\d+):4000'\]/.exec(serviceOf(name)) ?? [];
      expect(settingsOfNode, name).to.contain(`LATCHKEY_PUBLIC_URL: \${LATCHKEY_PUBLIC_URL:-http://localhost:${port}}`);
    }
  });
});
