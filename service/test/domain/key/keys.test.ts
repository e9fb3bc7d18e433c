import { createSecretKey, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import type { WrappingKeys } from '../../../src/base/wrap.ts';
import { createSigningKeys, type SigningKeys } from '../../../src/domain/key/keys.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

const secrets = new Map(['one', 'two'].map((kid) => [kid, createSecretKey(randomBytes(32))]));
const wrapOf = (...kids: string[]): WrappingKeys => ({
  currentKid: kids[0]!,
  key: (kid) => (kids.includes(kid) ? secrets.get(kid) : undefined),
});

onEachDatabase('createSigningKeys', (database) => {
  const db = () => database().db;
  let nowMs = 0;
  const clock = { now: () => nowMs, monotonic: () => nowMs, after: () => () => {} };
  const node = (wrap = wrapOf('one')) => createSigningKeys({ db: db(), wrap, clock, overlapSeconds: 375 });
  const started = async (wrap?: WrappingKeys) => {
    const keys = node(wrap);
    await keys.start();
    return keys;
  };
  const states = async () => {
    const rows = await sql<{ state: string }>`SELECT state FROM signing_keys ORDER BY state`.execute(db());
    return rows.rows.map(({ state }) => state);
  };
  const kids = (keys: SigningKeys) => keys.jwks().keys.map(({ kid }) => kid);

  beforeEach(() => emptyTables(database()));

  it('creates a current and a next key at the first start, and keeps them at the second', async () => {
    const first = await started();
    expect(await states()).to.deep.equal(['current', 'next']);
    const second = await started();
    expect(second.jwks()).to.deep.equal(first.jwks());
    expect(second.current().privateKey.equals(first.current().privateKey)).to.equal(true);
  });

  it('creates one pair of keys when nodes start together', async () => {
    const nodes = await Promise.all(Array.from({ length: 5 }, () => started()));
    expect(await states()).to.deep.equal(['current', 'next']);
    expect(new Set(nodes.map((keys) => keys.current().kid)).size).to.equal(1);
  });

  it('rejects to sign before start and after stop', async () => {
    const keys = node();
    expect(() => keys.current())
      .to.throw()
      .with.property('code', 'unavailable');
    await keys.start();
    keys.current();
    await keys.stop();
    await keys.reload();
    expect(() => keys.current())
      .to.throw()
      .with.property('code', 'unavailable');
    expect((await keys.rotate(db()).catch((error) => error)).code).to.equal('unavailable');
  });

  it('publishes only complete public keys', async () => {
    const keys = await started();
    expect(keys.jwks().keys).to.have.length(2);
    for (const jwk of keys.jwks().keys) expect(jwk).to.have.all.keys('kty', 'crv', 'x', 'y', 'kid', 'alg', 'use');
    expect(keys.publicKey(keys.current().kid)!.type).to.equal('public');
    const rows = await db().selectFrom('signing_keys').selectAll().execute();
    for (const row of rows) expect(row.public_jwk).to.have.all.keys('kty', 'crv', 'x', 'y');
  });

  describe('rotate', () => {
    it('signs with the key that was next, and still verifies with the old one', async () => {
      const keys = await started();
      const [current, next] = kids(keys);
      expect(await keys.rotate(db())).to.deep.equal({ kid: next, rotated: true });
      expect(keys.current().kid).to.equal(next);
      expect(keys.publicKey(current!)!.type).to.equal('public');
      expect(await states()).to.deep.equal(['current', 'next', 'previous']);
      expect(kids(keys)[0]).to.equal(next);
      expect(kids(keys)[2]).to.equal(current);
    });

    it('rotates once when nodes rotate at the same time', async () => {
      const nodes = await Promise.all(Array.from({ length: 4 }, () => started()));
      const done = await Promise.all(nodes.map((keys) => keys.rotate(db())));
      expect(done.filter(({ rotated }) => rotated)).to.have.length(1);
      expect(new Set(done.map(({ kid }) => kid)).size).to.equal(1);
      expect(await states()).to.deep.equal(['current', 'next', 'previous']);
    });

    it('does not rotate again when another node has rotated since the last read', async () => {
      const [one, two] = [await started(), await started()];
      const { kid } = await one.rotate(db());
      expect(await two.rotate(db())).to.deep.equal({ kid, rotated: false });
      expect(await states()).to.deep.equal(['current', 'next', 'previous']);
      expect((await two.rotate(db())).rotated).to.equal(true);
      expect(two.current().kid).to.not.equal(kid);
    });

    it('signs with its own new key while an older read is in progress', async () => {
      const keys = await started();
      const reading = keys.reload();
      const { kid } = await keys.rotate(db());
      await reading;
      expect(keys.current().kid).to.equal(kid);
    });

    it('is found by all concurrent callers with its unknown kid', async () => {
      const [one, two] = [await started(), await started()];
      await one.rotate(db());
      await one.rotate(db());
      const { kid } = one.current();
      const found = await Promise.all(Array.from({ length: 5 }, () => two.findPublicKey(kid)));
      expect(found.map((key) => key?.type)).to.deep.equal(Array(5).fill('public'));
    });

    it('reaches other nodes by reload, and at once by an unknown kid, at most every 5 s', async () => {
      const [one, two] = [await started(), await started()];
      const [old, next] = kids(one);
      await one.rotate(db());
      expect(two.current().kid).to.equal(old);
      await two.reload();
      expect(two.current().kid).to.equal(next);
      await one.rotate(db());
      await one.rotate(db());
      const { kid } = one.current();
      expect(two.publicKey(kid)).to.equal(undefined);
      expect((await two.findPublicKey(kid))!.type).to.equal('public');
      await one.rotate(db());
      const newest = kids(one)[1]!;
      expect(await two.findPublicKey(newest)).to.equal(undefined);
      nowMs += 5_000;
      expect((await two.findPublicKey(newest))!.type).to.equal('public');
      expect(await two.findPublicKey('nobody')).to.equal(undefined);
    });
  });

  describe('rotateWhenDue', () => {
    const dayMs = 86_400_000;
    const ageKeys = (days: number) =>
      sql`UPDATE signing_keys SET created_at = now() - make_interval(days => ${days}::int)`.execute(db());

    it('rotates once the interval has passed by the clock of the database, and then not before the next', async () => {
      const keys = await started();
      const next = kids(keys)[1]!;
      await ageKeys(29);
      nowMs += 90 * dayMs;
      expect(await keys.rotateWhenDue(db(), 30 * dayMs)).to.equal(undefined);
      await ageKeys(30);
      expect(await keys.rotateWhenDue(db(), 30 * dayMs)).to.deep.equal({ kid: next, rotated: true });
      expect(await keys.rotateWhenDue(db(), 30 * dayMs)).to.equal(undefined);
      expect(keys.current().kid).to.equal(next);
    });

    it('rotates once when nodes find it due at the same time, and records it once', async () => {
      const nodes = await Promise.all(Array.from({ length: 4 }, () => started()));
      const next = kids(nodes[0]!)[1]!;
      await ageKeys(30);
      const recorded: string[] = [];
      const record = async (_: unknown, kid: string) => void recorded.push(kid);
      const done = await Promise.all(nodes.map((keys) => keys.rotateWhenDue(db(), 30 * dayMs, record)));
      expect(done.filter((one) => one?.rotated)).to.have.length(1);
      expect(recorded).to.deep.equal([next]);
      expect(await states()).to.deep.equal(['current', 'next', 'previous']);
    });

    it('leaves the rotation to another node where it lacks the secret of the keys', async () => {
      const [whole, partial] = [await started(wrapOf('one')), await started(wrapOf('two'))];
      await ageKeys(30);
      expect(await partial.rotateWhenDue(db(), 30 * dayMs)).to.equal(undefined);
      expect((await whole.rotateWhenDue(db(), 30 * dayMs))?.rotated).to.equal(true);
    });

    it('does nothing once the keys are stopped', async () => {
      const keys = await started();
      await ageKeys(30);
      await keys.stop();
      expect(await keys.rotateWhenDue(db(), 30 * dayMs)).to.equal(undefined);
      expect(await states()).to.deep.equal(['current', 'next']);
    });
  });

  describe('findCurrent', () => {
    for (const [suspension, suspend] of [
      [
        'that its clock counted',
        () => {
          nowMs += 121_000;
        },
      ],
      ['that its clock did not count', (keys: SigningKeys) => keys.expire()],
    ] as const) {
      it(`reads the table after a suspension ${suspension}, and signs with the key that is current now`, async () => {
        const [one, asleep] = [await started(), await started()];
        const { kid } = await one.rotate(db());
        expect((await asleep.findCurrent()).kid).to.not.equal(kid);
        suspend(asleep);
        expect((await asleep.findCurrent()).kid).to.equal(kid);
      });
    }

    it('does not take a reading for a new one that began before the suspension', async () => {
      const [one, asleep] = [await started(), await started()];
      const reading = asleep.reload();
      asleep.expire();
      await reading;
      const { kid } = await one.rotate(db());
      expect((await asleep.findCurrent()).kid).to.equal(kid);
    });
  });

  describe('dispose', () => {
    it('removes a retired key after the overlap, by the time of the database', async () => {
      const keys = await started();
      const [old] = kids(keys);
      await keys.rotate(db());
      nowMs += 3_600_000;
      await setRetired(374);
      expect(await keys.deleteRetired(db())).to.equal(0);
      await setRetired(376);
      expect(await keys.deleteRetired(db())).to.equal(1);
      await keys.reload();
      expect(keys.publicKey(old!)).to.equal(undefined);
      expect(await states()).to.deep.equal(['current', 'next']);
    });

    async function setRetired(seconds: number): Promise<void> {
      await sql`UPDATE signing_keys SET retired_at = now() - make_interval(secs => ${seconds}::int)
        WHERE state = 'previous'`.execute(db());
    }
  });

  describe('secrets', () => {
    it('without the secret a node starts, publishes and verifies, but rejects to sign with unavailable', async () => {
      const whole = await started(wrapOf('one'));
      const partial = await started(wrapOf('two'));
      expect(partial.jwks()).to.deep.equal(whole.jwks());
      expect(partial.publicKey(whole.current().kid)!.type).to.equal('public');
      expect(() => partial.current())
        .to.throw()
        .with.property('code', 'unavailable');
    });

    it('a rotation after a lost secret makes the node able to sign', async () => {
      const old = await started(wrapOf('one'));
      const survivor = await started(wrapOf('two'));
      await survivor.rotate(db());
      expect(survivor.current().kid).to.equal(kids(survivor)[0]);
      for (const kid of kids(old)) expect(survivor.publicKey(kid)!.type).to.equal('public');
    });

    it('keys are wrapped with the newest secret at start, so that the old one can be removed', async () => {
      const before = await started(wrapOf('one'));
      await started(wrapOf('two', 'one'));
      const after = await started(wrapOf('two'));
      expect(after.current().privateKey.equals(before.current().privateKey)).to.equal(true);
      await before.reload();
      expect(before.current().kid).to.equal(after.current().kid);
    });
  });

  it('ignores a row whose public key another process wrote', async () => {
    const keys = await started();
    const [current, next] = kids(keys);
    await sql`UPDATE signing_keys SET public_jwk = (SELECT public_jwk FROM signing_keys WHERE kid = ${next})
      WHERE kid = ${current}`.execute(db());
    await keys.reload();
    expect(keys.publicKey(current!)).to.equal(undefined);
    expect(kids(keys)).to.deep.equal([next]);
    expect(await keys.rotate(db())).to.deep.equal({ kid: next, rotated: true });
  });

  it('does not sign with a private key that belongs to another row', async () => {
    const keys = await started();
    const [current, next] = kids(keys);
    await sql`UPDATE signing_keys SET private_wrapped = (SELECT private_wrapped FROM signing_keys WHERE kid = ${next})
      WHERE kid = ${current}`.execute(db());
    const fresh = await started();
    expect(() => fresh.current())
      .to.throw()
      .with.property('code', 'unavailable');
  });
});
