import { randomBytes } from 'node:crypto';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { createSecrets } from '../../../src/domain/secret/secrets.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

const clock = createSystemClock();
const newSecret = () => randomBytes(32).toString('base64url');

function loadedSecrets(texts: string[], deps: Parameters<typeof createSecrets>[1]) {
  const secrets = createSecrets(() => texts, deps);
  secrets.load();
  return secrets;
}

onEachDatabase('createSecrets', (database) => {
  beforeEach(() => emptyTables(database()));

  it('derives a different key for each purpose and each secret, and none for an unknown kid', () => {
    const [one, two] = [newSecret(), newSecret()];
    const both = loadedSecrets([two, one], { clock });
    const old = loadedSecrets([one], { clock });
    const bytes = (['code', 'session', 'key-wrap', 'dpop-nonce'] as const).flatMap((purpose) =>
      [both.currentKid, old.currentKid].map((kid) => both.key(purpose, kid)!.export().toString('hex')),
    );
    expect(new Set(bytes).size).to.equal(8);
    expect(both.key('session', old.currentKid)!.equals(old.key('session', old.currentKid)!)).to.equal(true);
    expect(old.key('session', both.currentKid)).to.equal(undefined);
    expect(() => loadedSecrets([], { clock })).to.throw(TypeError);
  });

  it('treats the kid of another node as a roll-out, and any other as a forgery', async () => {
    const here = loadedSecrets([newSecret()], { clock });
    const there = loadedSecrets([newSecret()], { clock });
    await there.register(database().db);
    expect(await here.classifyUnknownKid(database().db, there.currentKid)).to.include({ code: 'unavailable' });
    expect(await here.classifyUnknownKid(database().db, 'forged')).to.include({ code: 'token_invalid' });
  });

  it('accepts a valid token also when the table was just read for an unknown kid', async () => {
    const here = loadedSecrets([newSecret()], { clock });
    const there = loadedSecrets([newSecret()], { clock });
    expect(await here.classifyUnknownKid(database().db, 'forged')).to.include({ code: 'token_invalid' });
    await there.register(database().db);
    const failure = await here.classifyUnknownKid(database().db, there.currentKid);
    expect(failure).to.include({ code: 'unavailable', retryable: true });
  });

  it('reports whether a node has its newest secret', async () => {
    const db = database().db;
    const [used, other] = [newSecret(), newSecret()];
    const nodes = loadedSecrets([used], { clock });
    expect(await nodes.isUsedByNodes(db)).to.equal(false);
    await nodes.register(db);
    expect(await loadedSecrets([used, other], { clock }).isUsedByNodes(db)).to.equal(true);
    expect(await loadedSecrets([other, used], { clock }).isUsedByNodes(db)).to.equal(false);
    await sql`UPDATE secrets SET missing_since = clock_timestamp()`.execute(db);
    expect(await nodes.isUsedByNodes(db)).to.equal(false);
  });

  it('compares its secrets with those of the nodes that ran last', async () => {
    const db = database().db;
    const [one, two] = [newSecret(), newSecret()];
    const compare = (...texts: string[]) => loadedSecrets(texts, { clock }).compareWithNodes(db);
    expect(await compare(one)).to.deep.equal({ isFirst: true, missing: 0, isNewestUsed: false });
    await loadedSecrets([one, two], { clock }).register(db);
    expect(await compare(one, two)).to.deep.equal({ isFirst: false, missing: 0, isNewestUsed: true });
    expect(await compare(two)).to.deep.equal({ isFirst: false, missing: 1, isNewestUsed: true });
    expect(await compare(newSecret(), one, two)).to.deep.equal({ isFirst: false, missing: 0, isNewestUsed: false });
    await sql`UPDATE secrets SET last_seen = last_seen - interval '1 hour'`.execute(db);
    expect(await compare(two)).to.include({ isFirst: false, missing: 1 });
    await loadedSecrets([two], { clock }).register(db);
    expect(await compare(two)).to.deep.equal({ isFirst: false, missing: 0, isNewestUsed: true });
  });

  describe('a secret that was removed from every node', () => {
    const db = () => database().db;
    let aheadMs = 0;
    const later = { ...clock, monotonic: () => clock.monotonic() + aheadMs };
    const here = loadedSecrets([newSecret()], { clock: later });
    const gone = loadedSecrets([newSecret()], { clock: later });
    const pass = (hours: number) => {
      aheadMs += hours * 3_600_000;
      return sql`UPDATE secrets SET last_seen = last_seen - make_interval(secs => ${hours * 3_600}::float8),
        missing_since = missing_since - make_interval(secs => ${hours * 3_600}::float8)`.execute(db());
    };
    const judged = async () => {
      await here.deleteMissing(db());
      return (await here.classifyUnknownKid(db(), gone.currentKid)).code;
    };

    /** A node that lacks it runs for so long. */
    const run = async (hours: number) => {
      for (let quarters = 0; quarters < 4 * hours; quarters++) {
        await pass(0.25);
        await here.register(db());
      }
    };

    beforeEach(async () => {
      await here.register(db());
      await gone.register(db());
    });

    it('counts as missing for a day, after which its tokens are invalid', async () => {
      await run(1);
      expect(await judged()).to.equal('unavailable');
      await run(23);
      expect(await judged()).to.equal('unavailable');
      await run(1);
      expect(await judged()).to.equal('token_invalid');
      expect(await gone.classifyUnknownKid(db(), here.currentKid), 'the one in use').to.include({
        code: 'unavailable',
      });
    });

    it('does not count as missing while no node runs, because the day begins with the first node that lacks it', async () => {
      await pass(100);
      expect(await judged()).to.equal('unavailable');
      await here.register(db());
      expect(await judged()).to.equal('unavailable');
      await run(25);
      expect(await judged()).to.equal('token_invalid');
    });

    it('keeps the rest of its day while no node runs, also when it was missing before', async () => {
      await run(1);
      await pass(100);
      await Promise.all([here.register(db()), here.register(db())]);
      expect(await judged()).to.equal('unavailable');
      await run(22);
      expect(await judged()).to.equal('unavailable');
      await run(3);
      expect(await judged()).to.equal('token_invalid');
    });

    it('does not count as missing while a node reports it, nor after a node reports it again', async () => {
      for (let hours = 0; hours < 48; hours += 12) {
        await pass(12);
        await gone.register(db());
        await here.register(db());
      }
      await pass(23);
      await here.register(db());
      await pass(2);
      expect(await judged()).to.equal('unavailable');
      await pass(25);
      await here.register(db());
      await pass(20);
      await gone.register(db());
      await pass(20);
      await here.register(db());
      expect(await judged()).to.equal('unavailable');
    });

    it('counts as missing only after a time in which a node may report late', async () => {
      await sql`UPDATE secrets SET last_seen = last_seen - interval '19 minutes'`.execute(db());
      await here.register(db());
      await pass(25);
      expect(await judged()).to.equal('unavailable');
    });
  });

  it('reads the table once for concurrent callers', async () => {
    let reads = 0;
    const db = database().db.withPlugin({
      transformQuery({ node }) {
        reads++;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const here = loadedSecrets([newSecret()], { clock });
    await here.classifyUnknownKid(db, 'first');
    await Promise.all(Array.from({ length: 50 }, (_, n) => here.classifyUnknownKid(db, `forged${n}`)));
    expect(reads).to.equal(2);
  });
});
