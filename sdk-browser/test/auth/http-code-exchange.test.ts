import { expect } from 'chai';
import { exchangeCodeOverHttp } from '../../src/auth/http-code-exchange.ts';
import type { HttpClient } from '../../src/http/http-client.ts';
import { createDatabaseClockEstimate } from '../../src/platform/database-clock.ts';
import type { PendingCode } from '../../src/tokens/code-exchange.ts';
import { createMemoryStorage, createStorageAdapter } from '../../src/tokens/storage-adapter.ts';
import { createTokenStore } from '../../src/tokens/token-store.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';
import { readableAccessToken } from '../harness/proofs.ts';
import { tokenOf } from '../harness/verdicts.ts';

describe('exchangeCodeOverHttp', () => {
  const pending: PendingCode = { code: 'c', code_verifier: 'v', rotation_key: 'k' };
  const granted = {
    access_token: readableAccessToken({ sid: 's' }),
    expires_in: 300,
    refresh_token: tokenOf({ sid: 's', gen: 1, tag: 'A' }),
  };

  function setUp(answer: object) {
    const timers = createFakeTimers();
    const tokenStore = createTokenStore(createStorageAdapter(createMemoryStorage(), 'p:'));
    const databaseClock = createDatabaseClockEstimate(timers);
    const codeExchange: { pending: PendingCode | undefined } = { pending };
    const sent: object[] = [];
    const postJson = async (_path: string, body: () => object) => {
      // A proof is made before the request is sent.
      timers.sleep(700);
      sent.push(body());
      return answer;
    };
    const http = { postJson } as unknown as HttpClient;
    const run = () => exchangeCodeOverHttp({ http, tokenStore, codeExchange, databaseClock }, pending);
    return { run, tokenStore, codeExchange, databaseClock, sent };
  }

  it('sends asked_at with the time of sending once an answer has had the time', async () => {
    const { run, databaseClock, sent, tokenStore } = setUp(granted);
    databaseClock.learn(1_800_000_000_000, 0);
    await run();
    const grant = { grant_type: 'authorization_code', code: 'c', code_verifier: 'v', rotation_key: 'k' };
    expect(sent).to.deep.equal([{ ...grant, asked_at: 1_800_000_000_700 }]);
    expect(tokenStore.read()?.sid).to.equal('s');
  });

  it('rejects with unavailable and stores nothing when the code is no longer pending', async () => {
    const { run, codeExchange, tokenStore } = setUp(granted);
    const running = run().catch(({ code }: { code: string }) => code);
    codeExchange.pending = undefined;
    expect(await running).to.equal('unavailable');
    expect(tokenStore.read()).to.equal(undefined);
  });

  it('rejects with internal_error when the answer holds no tokens', async () => {
    const { run } = setUp({ ...granted, refresh_token: 'opaque' });
    expect(await run().catch(({ code }: { code: string }) => code)).to.equal('internal_error');
  });
});
