import { expect } from 'chai';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { calculateJwkThumbprint, decodeJwt, EmbeddedJWK, jwtVerify } from 'jose';
import { createProver, type ProverDeps } from '../../src/proof/prover.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';

const name = 'latchkey:https://id.example.com';
const use = { method: 'GET', url: 'https://api.example.com/a?b#c' };

function setUp(needs: Partial<ProverDeps> = {}) {
  const timers = createFakeTimers();
  const database = new IDBFactory();
  const open = (more: Partial<ProverDeps> = {}) =>
    createProver({ database: name, timers, isWanted: true, indexedDb: () => database, ...needs, ...more });
  return { timers, database, open, prover: open() };
}

/** Runs `act` on the stored entries of the one key. */
function within(database: IDBFactory, act: (keys: globalThis.IDBObjectStore) => IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const opening = database.open(name, 1);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const request = act(opening.result.transaction('keys', 'readwrite').objectStore('keys'));
      request.onsuccess = () => {
        opening.result.close();
        resolve(request.result);
      };
    };
  });
}

/** The database of the key, as something else made it. */
function makeDatabase(database: IDBFactory, version: number, stores: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = database.open(name, version);
    opening.onupgradeneeded = () => {
      for (const name of stores) opening.result.createObjectStore(name);
    };
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => resolve(opening.result.close());
  });
}

/** Replaces `put` of every object store until it is restored. */
function stubPut(put: () => never) {
  const { put: real } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = put;
  return {
    restore: () => {
      IDBObjectStore.prototype.put = real;
    },
  };
}

async function thumbprintOf(proof: string | undefined): Promise<string> {
  const { protectedHeader } = await jwtVerify(proof ?? '', EmbeddedJWK);
  return calculateJwkThumbprint(protectedHeader.jwk ?? {});
}

describe('createProver', () => {
  it('creates proofs that another library accepts', async () => {
    const { prover } = setUp();
    const thumbprint = await prover.ensureKey();
    const proof = await prover.prove({ ...use, nonce: 'n', credential: 'token' });
    const { payload, protectedHeader } = await jwtVerify(proof ?? '', EmbeddedJWK, { typ: 'dpop+jwt' });
    expect(protectedHeader.alg).to.equal('ES256');
    expect(protectedHeader.jwk).to.have.all.keys('kty', 'crv', 'x', 'y');
    expect(await thumbprintOf(proof)).to.equal(thumbprint);
    expect(payload).to.include({
      htm: 'GET',
      htu: 'https://api.example.com/a',
      nonce: 'n',
      // SHA-256 of `token`.
      ath: 'PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A',
    });
  });
  it('names a connection by the hash of its engine id, never by the id', async () => {
    const { prover } = setUp();
    await prover.ensureKey();
    const proof = await prover.prove({ ...use, method: 'SOCKET', connectionId: 'token' });
    expect(decodeJwt(proof ?? '').nonce).to.equal('PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A');
  });
  it('creates a new jti for each proof, and no claims beyond its use', async () => {
    const { prover } = setUp();
    await prover.ensureKey();
    const claims = [await prover.prove(use), await prover.prove(use)].map((proof) => decodeJwt(proof ?? ''));
    expect(claims[0]).to.have.all.keys('jti', 'htm', 'htu', 'iat');
    expect(claims[0]?.jti).to.not.equal(claims[1]?.jti);
  });
  it('uses the time of the service once it is known, whatever the clock of the browser is', async () => {
    const { prover, timers } = setUp();
    await prover.ensureKey();
    prover.learnTime(Date.now() + 7_200_000);
    timers.sleep(5_000);
    const { iat = 0 } = decodeJwt((await prover.prove(use)) ?? '');
    expect(iat - Date.now() / 1000).to.be.within(7_203, 7_206);
  });
  it('shares one key with the other tabs, also when they create it at once', async () => {
    const { open } = setUp();
    const tabs = [open(), open(), open(), open()];
    const thumbprints = await Promise.all(tabs.map((tab) => tab.ensureKey()));
    expect(new Set(thumbprints).size).to.equal(1);
    const proofs = await Promise.all([...tabs, open()].map((tab) => tab.prove(use)));
    for (const proof of proofs) expect(await thumbprintOf(proof)).to.equal(thumbprints[0]);
  });
  it('stores a key for each name', async () => {
    const { prover, open } = setUp();
    expect(await prover.ensureKey()).to.not.equal(
      await open({ database: 'latchkey:https://other.example.com' }).ensureKey(),
    );
  });
  it('stores a key that cannot be exported', async () => {
    const { prover, database } = setUp();
    await prover.ensureKey();
    const { privateKey } = (await within(database, (keys) => keys.get('proof'))) as CryptoKeyPair;
    const why = await crypto.subtle.exportKey('jwk', privateKey).catch(({ name }: Error) => name);
    expect(why).to.match(/^InvalidAccess/);
  });
  it('creates no key for a proof', async () => {
    const { prover } = setUp();
    expect([await prover.prove(use), prover.keyStatus, prover.unboundReason]).to.deep.equal([
      undefined,
      'none',
      undefined,
    ]);
  });
  it('replaces an entry that is not a key pair', async () => {
    const strange = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
    for (const value of ['x', {}, 7, strange]) {
      const { prover, database } = setUp();
      await prover.prove(use);
      await within(database, (keys) => keys.put(value, 'proof'));
      expect([await prover.prove(use), prover.keyStatus]).to.deep.equal([undefined, 'none']);
      const thumbprint = await prover.ensureKey();
      expect(await thumbprintOf(await prover.prove(use))).to.equal(thumbprint);
    }
  });
  it('reads the key again after reloadKey, because another tab may have created one', async () => {
    const { prover, open, database } = setUp();
    await prover.ensureKey();
    await within(database, (keys) => keys.clear());
    const thumbprint = await open().ensureKey();
    expect(await thumbprintOf(await prover.prove(use))).to.not.equal(thumbprint);
    prover.reloadKey();
    expect(await thumbprintOf(await prover.prove(use))).to.equal(thumbprint);
  });
  describe('uses a database', () => {
    const made: [string, number, string[]][] = [
      ['without its store', 1, []],
      ['of a later version, without its store', 7, ['other']],
      ['of a later version', 7, ['keys', 'other']],
    ];
    for (const [name, version, stores] of made) {
      it(name, async () => {
        const { database, open } = setUp();
        await makeDatabase(database, version, stores);
        const tabs = [open(), open(), open()];
        const thumbprints = await Promise.all(tabs.map((tab) => tab.ensureKey()));
        expect(new Set(thumbprints).size).to.equal(1);
        expect(tabs.map(({ unboundReason }) => unboundReason)).to.deep.equal([undefined, undefined, undefined]);
        expect(await thumbprintOf(await open().prove(use))).to.equal(thumbprints[0]);
      });
    }
  });

  describe('returns no key with a reason', () => {
    const forbidden = (): IDBFactory => {
      throw new DOMException('denied', 'SecurityError');
    };
    const hindered: [string, string, Partial<ProverDeps>][] = [
      ['without WebCrypto', 'no_webcrypto', { webCrypto: () => undefined }],
      ['without IndexedDB', 'no_indexeddb', { indexedDb: () => undefined }],
      ['where IndexedDB is forbidden', 'no_indexeddb', { indexedDb: forbidden }],
      ['when the page does not want it', 'off', { isWanted: false }],
    ];
    for (const [name, reason, needs] of hindered) {
      it(name, async () => {
        const { prover } = setUp(needs);
        expect([await prover.ensureKey(), prover.unboundReason]).to.deep.equal([undefined, reason]);
        expect(await prover.prove(use)).to.equal(undefined);
      });
    }
    it('when a key cannot be stored', async () => {
      const { prover } = setUp();
      const put = stubPut(() => {
        throw new DOMException('no keys here', 'DataCloneError');
      });
      try {
        expect([await prover.ensureKey(), prover.unboundReason]).to.deep.equal([undefined, 'no_indexeddb']);
      } finally {
        put.restore();
      }
      expect(await prover.ensureKey()).to.match(/^[\w-]{43}$/);
      expect(prover.unboundReason).to.equal(undefined);
    });
    it('when the database never answers', async () => {
      const { prover, timers } = setUp({ indexedDb: () => ({ open: () => ({}) }) as unknown as IDBFactory });
      const enrolled = prover.ensureKey();
      await new Promise((resolve) => setImmediate(resolve));
      timers.advance(2_000);
      expect([await enrolled, prover.unboundReason, prover.keyStatus]).to.deep.equal([
        undefined,
        'no_indexeddb',
        'unknown',
      ]);
    });
    it('when IndexedDB answers too late, and closes the database', async () => {
      const late: { onsuccess?: () => void; result?: object } = {};
      const { prover, timers } = setUp({ indexedDb: () => ({ open: () => late }) as unknown as IDBFactory });
      const enrolled = prover.ensureKey();
      await new Promise((resolve) => setImmediate(resolve));
      timers.advance(2_000);
      await enrolled;
      let closed = 0;
      late.result = {
        close: () => {
          closed += 1;
        },
      };
      late.onsuccess?.();
      expect([closed, prover.unboundReason]).to.deep.equal([1, 'no_indexeddb']);
    });
    it('and still creates proofs for a bound session', async () => {
      const { prover, open } = setUp();
      const thumbprint = await prover.ensureKey();
      expect(await thumbprintOf(await open({ isWanted: false }).prove(use))).to.equal(thumbprint);
    });
  });
});
