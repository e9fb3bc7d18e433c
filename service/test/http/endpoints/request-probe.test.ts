import { createSecretKey } from 'node:crypto';
import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { answerProof, isProofAnswer, proveRequest } from '../../../src/domain/secret/request-proof.ts';
import type { Secrets } from '../../../src/domain/secret/secrets.ts';
import { answerProbe } from '../../../src/flow/answer-probe.ts';
import { call, openTestApp, type TestApp } from '../test-app.ts';

const nonce = 'n'.repeat(22);
const [older, newer, foreign] = ['o', 'n', 'f'].map((letter) => createSecretKey(Buffer.from(letter.repeat(32))));
const secrets = { keys: () => [newer, older] } as unknown as Pick<Secrets, 'keys'> as Secrets;

describe('the probe of a request', () => {
  let app: TestApp;
  let behindProxy: TestApp;
  before(async () => {
    [app, behindProxy] = await Promise.all([openTestApp(), openTestApp({ trustProxy: ['127.0.0.1'] })]);
    for (const one of [app, behindProxy])
      one.script({ answerProbe: ((proof: never) => answerProbe({ secrets }, proof)) as () => unknown });
  });
  after(() => Promise.all([app.close(), behindProxy.close()]));

  const probe = (at: TestApp, key = newer!, headers: Record<string, string> = {}) =>
    call(at, 'POST', paths.requestProbe, proveRequest(key, nonce), headers);

  it('shows how the request arrived to a caller that has the secret', async () => {
    const { status, json } = await probe(app, newer, { 'x-forwarded-for': '192.0.2.1' });
    expect(status).equal(200);
    expect(json).include({
      host: new URL(app.url).host,
      remote_address: '127.0.0.1',
      forwarded_for: '192.0.2.1',
      is_proxy_trusted: false,
      client_address: '127.0.0.1',
    });
    expect(json.remote_port).greaterThan(1_023);
    expect(isProofAnswer(newer!, nonce, String(json.answer))).equal(true);
  });

  it('shows the address behind a trusted proxy', async () => {
    const { json } = await probe(behindProxy, newer, { 'x-forwarded-for': '192.0.2.1' });
    expect(json).include({ is_proxy_trusted: true, client_address: '192.0.2.1' });
  });

  it('answers by the key of the proof when the caller has an older secret', async () => {
    const { json } = await probe(app, older);
    expect(isProofAnswer(older!, nonce, String(json.answer))).equal(true);
    expect(isProofAnswer(newer!, nonce, String(json.answer))).equal(false);
  });

  it('shows nothing to a caller with another secret', async () => {
    const { status, json } = await probe(app, foreign);
    expect([status, json.code]).eql([401, 'unauthenticated']);
    expect(json).not.have.any.keys('host', 'remote_address', 'answer');
  });

  it('takes neither an answer nor the proof of another nonce as a proof', () => {
    const answer = answerProof([newer!], proveRequest(newer!, nonce))!;
    expect(answerProof([newer!], { nonce, proof: answer })).equal(undefined);
    expect(answerProof([newer!], { nonce: 'm'.repeat(22), proof: proveRequest(newer!, nonce).proof })).equal(undefined);
    expect(answerProof([newer!], { nonce, proof: '' })).equal(undefined);
  });
});
