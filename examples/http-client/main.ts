import { createHash, randomBytes } from 'node:crypto';
import createClient from 'openapi-fetch';
import type { paths } from './latchkey-api.d.ts';

const [url, email, password] = process.argv.slice(2);
if (url === undefined || email === undefined || password === undefined)
  throw new TypeError('usage: npm start -- <url of the service> <address> <password>');

const api = createClient<paths>({ baseUrl: url });

/** The data of an answer. @throws Error the service refused */
function dataOf<Data>({ data, error }: { data?: Data; error?: { code: string } }): Data {
  if (data === undefined) throw new Error(`refused: ${error?.code}`);
  return data;
}

/** Address and password for a code, and the code for a session (RFC 6749, RFC 7636). */
async function signIn(email: string, password: string) {
  const verifier = randomBytes(32).toString('base64url');
  const pkce = {
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  } as const;
  const answer = dataOf(await api.POST('/login', { body: { email, password, ...pkce } }));
  if (!('code' in answer)) throw new Error('the answer has no code');
  const grant = { grant_type: 'authorization_code', code: answer.code, code_verifier: verifier } as const;
  return dataOf(await api.POST('/oauth/token', { body: grant }));
}

const first = await signIn(email, password);
const second = await signIn(email, password);
const headers = { Authorization: `Bearer ${first.access_token}` };

const listed = dataOf(await api.GET('/sessions', { headers }));
for (const { id, browser, current } of listed.sessions) console.log(id, browser, current ? '(this one)' : '');

const params = { path: { id: second.session_id } };
const { ended } = dataOf(await api.DELETE('/sessions/{id}', { params, headers }));
const left = dataOf(await api.GET('/sessions', { headers }));
console.log(`ended ${ended}, left ${left.sessions.length}`);

const refused = await api.DELETE('/sessions/{id}', { params, headers });
console.log(`ended again: ${refused.error?.code}`);
