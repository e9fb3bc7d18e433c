import { maxCredentialLength } from '@latchkey/contract';
import { expect } from 'chai';
import { type Client, createStage, type Stage } from './stage.ts';

const nested = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const key = 'AAAAAAAAAAAAAAAAAAAAAA';

/** Payloads as they stand on the wire, wrong for every event. */
const garbage: Record<string, string> = {
  'a number': '7',
  'a string': '"sid:s1"',
  true: 'true',
  'an array': '[]',
  'an unknown key': '{"foreign":1}',
  __proto__: '{"__proto__":{"scope":"all","admin":true},"x":1}',
  constructor: '{"constructor":{"prototype":{"admin":true}}}',
  '10,000 nested arrays': nested,
  'nested arrays in a key': `{"scope":${nested},"admin":${nested},"token":${nested}}`,
  'a large string': JSON.stringify('x'.repeat(60_000)),
};

const wrongFor: Record<string, Record<string, string>> = {
  authenticate: {
    nothing: 'null',
    'an empty object': '{}',
    both: '{"code":"a","token":"b"}',
    'an empty token': '{"token":""}',
    'a token that is an object': '{"token":{"sid":"s1"}}',
    'a token too long': `{"token":"${'x'.repeat(maxCredentialLength + 1)}"}`,
    'a short key': '{"token":"sid:s1","rotation_key":"AAAA"}',
    'a key of 17 bytes': '{"token":"sid:s1","rotation_key":"AAAAAAAAAAAAAAAAAAAAAAA"}',
    'a second spelling of a key': '{"token":"sid:s1","rotation_key":"AAAAAAAAAAAAAAAAAAAAAB"}',
    'a key in base64': '{"token":"sid:s1","rotation_key":"AAAAAAAAAAAAAAAAAAA+/A"}',
    'null as key': '{"token":"sid:s1","rotation_key":null}',
    'four further keys': `{"token":"sid:s1","also_rotation_keys":["${key}","${key}","${key}","${key}"]}`,
    'further keys that are none': '{"token":"sid:s1","also_rotation_keys":[{}]}',
    'a short verifier': '{"code":"sid:s1","code_verifier":"abc"}',
    'a proof too long': `{"token":"sid:s1","proof":"${'x'.repeat(4_097)}"}`,
    'a session of its choice': '{"token":"sid:s1","sid":"s2"}',
  },
  refresh: { 'a wrong type': '{"admin":"yes"}', 'another session': '{"sid":"s2"}' },
  logout: { 'a wrong scope': '{"scope":"everybody"}', 'a wrong type': '{"scope":["all"]}' },
  activity: { 'a wrong type': '{"passive":true}' },
};

describe('invalid messages on a socket', () => {
  let stage: Stage;
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);
  before(() => process.on('unhandledRejection', onRejection));
  after(() => process.off('unhandledRejection', onRejection));
  beforeEach(async () => {
    stage = await createStage();
  });
  afterEach(async () => {
    expect(rejections).to.deep.equal([]);
    expect(JSON.stringify(stage.logged)).to.not.include('a socket call failed');
    await stage.end();
  });

  const writeRaw = ({ socket }: Client, packet: string) =>
    (socket.io.engine as unknown as { write(data: string): void }).write(packet);

  /** Sends the payload with acknowledgement 77 and returns what came back, if anything. */
  async function rawAnswer(client: Client, event: string, payload: string): Promise<unknown> {
    const { engine } = client.socket.io;
    const answers: string[] = [];
    const listen = (data: string) => answers.push(data);
    engine.on('message', listen);
    writeRaw(client, `277["${event}",${payload}]`);
    await stage.settle(15);
    engine.off('message', listen);
    const found = answers.find((one) => one.startsWith('377'));
    return found && (JSON.parse(found.slice(3)) as unknown[])[0];
  }

  async function refusal(client: Client, payload: string): Promise<unknown> {
    writeRaw(client, `2["authenticate",${payload}]`);
    return client.take('unauthorized');
  }

  for (const [event, own] of Object.entries(wrongFor)) {
    const cases = Object.entries({ ...garbage, ...own });

    it(`${event}: answers each of ${cases.length} wrong payloads and changes nothing`, async () => {
      for (const [name, payload] of cases) {
        const client = await stage.member('s1');
        const before = stage.authority.asked.filter(({ method }) => method !== 'presence').length;
        const answer =
          event === 'authenticate' ? await refusal(client, payload) : await rawAnswer(client, event, payload);
        const error = event === 'authenticate' ? answer : (answer as { error: unknown }).error;
        expect(error, name).to.include({ code: 'invalid_request', retryable: false });
        expect(JSON.stringify(error).length, name).to.be.lessThan(1_000);
        const after = stage.authority.asked.filter(({ method }) => method !== 'presence').length;
        expect(after, name).to.equal(before);
        expect(client.socket.connected, name).to.equal(true);
        client.socket.close();
      }
      expect(({} as { admin?: unknown }).admin).to.equal(undefined);
    });

    it(`${event}: refuses unauthenticated sockets`, async () => {
      for (const [name, payload] of cases) {
        const client = await stage.client();
        const answer =
          event === 'authenticate'
            ? await refusal(client, payload)
            : ((await rawAnswer(client, event, payload)) as { error: unknown }).error;
        const code = event === 'authenticate' ? 'invalid_request' : 'unauthenticated';
        expect(answer, name).to.include({ code });
        client.socket.close();
      }
    });

    if (event === 'authenticate') continue;
    it(`${event}: ignores wrong payloads without an acknowledgement`, async () => {
      for (const [name, payload] of cases) {
        const client = await stage.member('s1');
        writeRaw(client, `2["${event}",${payload}]`);
        await stage.settle(5);
        expect(client.socket.connected, name).to.equal(true);
        client.socket.close();
      }
      expect(stage.authority.of('logout')).to.deep.equal([]);
      expect(stage.authority.of('refresh')).to.deep.equal([]);
      expect(stage.authority.of('activity')).to.deep.equal([]);
    });
  }

  it('accepts an acknowledgement in the place of the payload, and reads a missing payload as an empty one', async () => {
    const client = await stage.member('s1');
    expect(await client.ask('refresh')).to.include({ ok: true });
    expect(await client.ask('refresh', undefined)).to.include({ ok: true });
    expect(await client.ask('activity')).to.include({ ok: true });
    client.emit('refresh');
    client.emit('activity');
    client.emit('authenticate', () => {});
    expect(await client.take('unauthorized')).to.include({ code: 'invalid_request' });
    expect(stage.authority.of('refresh')).to.have.length(2);
    expect(await client.ask('logout')).to.include({ ok: true });
    await client.take('logged_out');
  });

  it('continues after packets that are no events', async () => {
    const packets = ['2', '2[7]', '2["__proto__",{}]', '2["constructor"]', '2["error",{}]', '3[]', '399[1]', '39'];
    const broken = [
      '2[]',
      '4{}',
      '0',
      '5',
      '51-["refresh",{"_placeholder":true,"num":9}]',
      '2{',
      `2${nested}`,
      'x',
      '59-["a"]',
    ];
    for (const packet of [...packets, ...broken, '0/foreign,', '2["toString"]', '2["hasOwnProperty",1]']) {
      const client = await stage.member('s1');
      writeRaw(client, packet);
      await stage.settle(5);
      if (packets.includes(packet)) expect(client.socket.connected, packet).to.equal(true);
      client.socket.close();
    }
    await stage.member('s1');
  });

  it('refuses malformed auth of the handshake, and closes the socket', async () => {
    for (const auth of [
      { foreign: 1 },
      { token: 7 },
      { code: 'a', token: 'b' },
      { token: 'x', rotation_key: 'short' },
    ]) {
      const client = await stage.client({ auth });
      expect(await client.take('unauthorized')).to.include({ code: 'invalid_request' });
      await client.take('disconnect');
    }
    expect(stage.authority.of('exchange')).to.deep.equal([]);
  });

  it('reports the paths of invalid fields, never their values', async () => {
    const client = await stage.client();
    client.emit('authenticate', { token: 'sid:s1', rotation_key: 'secret-key-of-somebody', foreign: 1 });
    const answer = (await client.take('unauthorized')) as { details: unknown };
    expect(answer.details).to.deep.include({ path: 'foreign', message: 'unknown key' });
    expect(JSON.stringify(answer)).to.not.include('secret');
  });
});
