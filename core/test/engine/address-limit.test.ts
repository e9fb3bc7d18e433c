import { expect } from 'chai';
import { type RawWebSocket, rawPoll, rawUpgrade } from '../../../test-kit/client/raw-engine-client.ts';
import { createStage, type Stage } from '../socket/stage.ts';

describe('limit of unauthenticated sockets of one address', () => {
  let stage: Stage;
  const opened: RawWebSocket[] = [];

  async function stageOf(options: Parameters<typeof createStage>[0] = {}): Promise<void> {
    stage = await createStage({
      limits: { unauthenticatedSocketsPerAddress: 3 },
      addressOf: ({ headers }) => (headers['x-from'] as string | undefined) ?? '192.0.2.1',
      ...options,
    });
  }
  async function open(address: string): Promise<number> {
    const webSocket = await rawUpgrade(stage, 'transport=websocket', { 'X-From': address });
    opened.push(webSocket);
    return webSocket.status;
  }
  async function openAll(addresses: readonly string[]): Promise<number[]> {
    const statuses: number[] = [];
    for (const address of addresses) statuses.push(await open(address));
    return statuses;
  }

  afterEach(async () => {
    for (const { tcp } of opened.splice(0)) tcp.destroy();
    await stage.end();
  });

  it('refuses a socket above the limit with 429, and names the option in one log line', async () => {
    await stageOf();
    const statuses = await openAll([
      '192.0.2.7',
      '192.0.2.7',
      '::ffff:192.0.2.7',
      '192.0.2.7',
      '192.0.2.7',
      '192.0.2.8',
    ]);
    expect(statuses).to.deep.equal([101, 101, 101, 429, 429, 101]);
    expect(opened[3]!.head).to.match(/retry-after: 5/i);
    expect(stage.logged).to.deep.equal([
      {
        fields: {
          ...{ network: '192.0.2.7', limit: 3, count: 1 },
          ...{ cause: 'too_many_sockets', setting: 'limits.unauthenticatedSocketsPerAddress' },
        },
        message:
          'a socket was refused: too many of its address are not signed in (limits.unauthenticatedSocketsPerAddress); behind a proxy, set addressOf',
      },
    ]);
  });

  it('counts an IPv6 /64 as one address, all ports of an address as one, and any other text as its own', async () => {
    await stageOf();
    const same = [1, 2, 3, 4].map((n) => `2001:db8:0:1::${n}`);
    expect(await openAll([...same, '2001:db8:0:2::1'])).to.deep.equal([101, 101, 101, 429, 101]);
    const ports = [1, 2, 3, 4].map((n) => `192.0.2.9:4000${n}`);
    expect(await openAll([...ports, '192.0.2.10:40001'])).to.deep.equal([101, 101, 101, 429, 101]);
    const brackets = [1, 2, 3, 4].map((n) => `[2001:db8:0:3::${n}]:443`);
    expect(await openAll([...brackets, '[2001:db8:0:4::1]:443'])).to.deep.equal([101, 101, 101, 429, 101]);
    expect(await openAll(['w', 'x', 'y', 'z', 'z', 'z', 'z'])).to.deep.equal([101, 101, 101, 101, 101, 101, 429]);
    expect(JSON.stringify(stage.logged)).not.to.contain('"z"');
  });

  it('does not limit connections whose address is unknown', async () => {
    await stageOf();
    expect(await openAll(['', '', '', '', ''])).to.deep.equal([101, 101, 101, 101, 101]);
  });

  it('counts connections by long polling', async () => {
    stage = await createStage({ limits: { unauthenticatedSocketsPerAddress: 2 } }, {}, { longPolling: true });
    const poll = () => rawPoll(stage, '', { 'Latchkey-Connection-Key': 'k'.repeat(22) });
    const answers = [await poll(), await poll(), await poll()];
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 429]);
    expect(answers[2]!.headers['retry-after']).to.equal('5');
  });

  it('accepts another socket after a disconnect, and after a sign-in', async () => {
    await stageOf();
    expect(await openAll(['a', 'a', 'a', 'a'])).to.deep.equal([101, 101, 101, 429]);
    opened[0]!.tcp.destroy();
    await stage.settle();
    expect(await openAll(['a', 'a'])).to.deep.equal([101, 429]);
    opened[1]!.send('40{"token":"sid:s1"}');
    await opened[1]!.waitForText('authenticated');
    expect(await openAll(['a', 'a'])).to.deep.equal([101, 429]);
  });

  it('counts a connection that joined a public namespace, and none in a namespace with its own authentication', async () => {
    await stageOf({ namespaces: { '/status': 'public', '/machines': 'own_authentication' } });
    stage.io.of('/status');
    stage.io.of('/machines');
    expect(await openAll(['a', 'a', 'a'])).to.deep.equal([101, 101, 101]);
    opened[0]!.send('40/status,');
    await opened[0]!.waitForText('40/status');
    expect(await open('a')).to.equal(429);
    opened[1]!.send('40/machines,');
    await opened[1]!.waitForText('40/machines');
    expect(await openAll(['a', 'a'])).to.deep.equal([101, 429]);
  });
});
