import type { IncomingMessage, ServerResponse } from 'node:http';
import { createLatchkey } from '@latchkey/sdk-server';
import { importJWK, jwtVerify } from 'jose';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import { measureRate } from '../../bench/cpu.ts';
import { callForAll } from '../../bench/load.ts';
import { liveOf, seedSessions } from '../../service/bench/seed.ts';
import { createProofMaker, hashOf, type ProofMaker } from '../../test-kit/client/proof-maker.ts';
import { openService } from './backend.ts';

const count = 3_000;
const publicUrl = 'https://api.test';
const path = '/things';

/** A guard's check of a request with a cached bound access token and a new proof of one browser. */
export const proof: ComparisonPlan = {
  name: 'proof',
  metrics: [{ name: 'proof checked in a guard', unit: '/s', better: 'more', floor: 'jose, key at hand' }],
  warmUps: 1,
  async open() {
    const { domain, credential, close } = await openService();
    const maker = await createProofMaker();
    const [seeded] = await seedSessions(domain.database, 1);
    const token = await domain.tokens.signAccess(
      domain.tokens.accessClaims({ ...liveOf(seeded!), jkt: maker.jkt }, ''),
    );
    const latchkey = createLatchkey({ ...credential, publicUrl });
    await latchkey.ready();
    const guard = latchkey.node();
    const key = await importJWK(maker.jwk, 'ES256');
    const admit = async (dpop: string) => {
      if ((await guard(...exchangeOf(token, dpop))) === undefined) throw new Error('a good proof was refused');
    };
    const rateOf = async (check: (dpop: string) => Promise<unknown>) => {
      const proofs = await proofsOf(maker, token);
      return [await measureRate(() => callForAll(proofs, 1, check))];
    };
    return {
      row: () => rateOf(admit),
      floor: () => rateOf((dpop) => jwtVerify(dpop, key, { typ: 'dpop+jwt' })),
      async close() {
        latchkey.close();
        await close();
      },
    };
  },
};

/** New proofs, made before the measurement. */
function proofsOf(maker: ProofMaker, token: string): Promise<string[]> {
  const claims = { htu: publicUrl + path, ath: hashOf(token) };
  return Promise.all(Array.from({ length: count }, () => maker.make(claims)));
}

/** Request and response for a guard, without a connection. */
function exchangeOf(token: string, dpop: string): [IncomingMessage, ServerResponse] {
  const request = { method: 'GET', url: path, headers: { authorization: `DPoP ${token}`, dpop } };
  const response = { setHeader() {}, writeHead: () => response, end() {} };
  return [request as unknown as IncomingMessage, response as unknown as ServerResponse];
}
