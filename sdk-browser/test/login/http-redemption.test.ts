import { expect } from 'chai';
import type { Http } from '../../src/fetch/http.ts';
import { redeemOverHttp } from '../../src/login/http-redemption.ts';
import type { PendingCode } from '../../src/login/redemption.ts';
import { createDatabaseClock } from '../../src/platform/database-clock.ts';
import { createJar } from '../../src/storage/jar.ts';
import { createMemoryStorage, createShelf } from '../../src/storage/storage.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';
import { readableAccessToken } from '../harness/proofs.ts';
import { tokenOf } from '../harness/verdicts.ts';

describe('redeemOverHttp', () => {
  const pending: PendingCode = { code: 'c', verifier: 'v', rotationKey: 'k' };
  const granted = {
    access_token: readableAccessToken({ sid: 's' }),
    expires_in: 300,
    refresh_token: tokenOf({ sid: 's', gen: 1, tag: 'A' }),
  };

  function setUp(answer: object) {
    const timers = createFakeTimers();
    const jar = createJar(createShelf(createMemoryStorage(), 'p:'));
    const databaseClock = createDatabaseClock(timers);
    const redemption: { pending: PendingCode | undefined } = { pending };
    const sent: object[] = [];
    const postJson = async (_path: string, body: () => object) => {
      // A proof is made before the request is sent.
      timers.sleep(700);
      sent.push(body());
      return answer;
    };
    const http = { postJson } as unknown as Http;
    const run = () => redeemOverHttp({ http, jar, redemption, databaseClock }, pending);
    return { run, jar, redemption, databaseClock, sent };
  }

  it('says when it asks, as of the time of sending, once an answer has said the time', async () => {
    const { run, databaseClock, sent, jar } = setUp(granted);
    databaseClock.learn(1_800_000_000_000, 0);
    await run();
    const grant = { grant_type: 'authorization_code', code: 'c', code_verifier: 'v', rotation_key: 'k' };
    expect(sent).to.deep.equal([{ ...grant, asked_at: 1_800_000_000_700 }]);
    expect(jar.read()?.sid).to.equal('s');
  });

  it('rejects with unavailable and stores nothing when the code is no longer pending', async () => {
    const { run, redemption, jar } = setUp(granted);
    const running = run().catch(({ code }: { code: string }) => code);
    redemption.pending = undefined;
    expect(await running).to.equal('unavailable');
    expect(jar.read()).to.equal(undefined);
  });

  it('rejects with internal_error when the answer holds no tokens', async () => {
    const { run } = setUp({ ...granted, refresh_token: 'opaque' });
    expect(await run().catch(({ code }: { code: string }) => code)).to.equal('internal_error');
  });
});
