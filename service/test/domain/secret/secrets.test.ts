import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createSystemClock } from '../../../src/base/clock.ts';
import { createSecrets } from '../../../src/domain/secret/secrets.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

const clock = createSystemClock();
const newSecret = () => randomBytes(32).toString('base64url');

onEachDatabase('createSecrets', (database) => {
  beforeEach(() => emptyTables(database()));

  it('derives another key for each purpose and each secret, and knows no other kid', () => {
    const [one, two] = [newSecret(), newSecret()];
    const both = createSecrets([two, one], { clock });
    const old = createSecrets([one], { clock });
    const bytes = (['code', 'session', 'key-wrap', 'dpop-nonce'] as const).flatMap((purpose) =>
      [both.currentKid, old.currentKid].map((kid) => both.key(purpose, kid)!.export().toString('hex')),
    );
    expect(new Set(bytes).size).to.equal(8);
    expect(both.key('session', old.currentKid)!.equals(old.key('session', old.currentKid)!)).to.equal(true);
    expect(old.key('session', both.currentKid)).to.equal(undefined);
    expect(() => createSecrets([], { clock })).to.throw(TypeError);
  });

  it('takes a kid that another node uses for a roll-out, any other for a forgery', async () => {
    const here = createSecrets([newSecret()], { clock });
    const there = createSecrets([newSecret()], { clock });
    await there.register(database().db);
    expect(await here.judgeUnknown(database().db, there.currentKid)).to.include({ code: 'unavailable' });
    expect(await here.judgeUnknown(database().db, 'forged')).to.include({ code: 'token_invalid' });
  });

  it('is not led to erase an honest token by strangers who have just made it read the table', async () => {
    const here = createSecrets([newSecret()], { clock });
    const there = createSecrets([newSecret()], { clock });
    expect(await here.judgeUnknown(database().db, 'forged')).to.include({ code: 'token_invalid' });
    await there.register(database().db);
    const failure = await here.judgeUnknown(database().db, there.currentKid);
    expect(failure).to.include({ code: 'unavailable', retryable: true });
  });

  it('reads the table once for all who ask together', async () => {
    let reads = 0;
    const db = database().db.withPlugin({
      transformQuery({ node }) {
        reads++;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const here = createSecrets([newSecret()], { clock });
    await here.judgeUnknown(db, 'first');
    await Promise.all(Array.from({ length: 50 }, (_, n) => here.judgeUnknown(db, `forged${n}`)));
    expect(reads).to.equal(2);
  });
});
