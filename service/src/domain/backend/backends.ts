import { backendScopes, fail, parseOrigin } from '@latchkey/contract';
import pLimit from 'p-limit';
import { constantTimeEqual, randomBuffer, sha256, toBase64url } from '../../base/bytes.ts';
import type { Db } from '../../db/schema.ts';
import {
  type Backend,
  backendIdFromName,
  defaultScopes,
  isBackendId,
  isBackendScope,
  type NewBackend,
} from './backend.ts';
import * as store from './backend-store.ts';

/** A backend and its secret, which is shown this once and kept nowhere. */
export interface IssuedCredential {
  readonly backend: Backend;
  readonly secret: string;
}

/** A credential that was accepted, without its secret. */
export interface AcceptedCredential {
  readonly id: string;
  readonly secretHash: Buffer;
}

/** Hash of a backend's secret, as the table keeps it. */
export const hashSecret = (secret: string): Buffer => sha256(secret);

/** Who may connect as a backend. */
type BackendRefusal = 'unknown' | 'disabled' | 'wrong_secret';

const secretBytes = 32;
/**
 * Concurrent look-ups of presented secrets. The limit keeps database connections free during a flood of wrong secrets.
 */
const maxLookups = 2;
/** Compared when there is no such backend, so that both refusals take as long. */
const dummyHash = Buffer.alloc(32);

export type Backends = ReturnType<typeof createBackends>;

/**
 * @example
 * const { backend, secret } = await createBackends().create(db, { name: 'bank' });
 */
export function createBackends() {
  const limitLookups = pLimit(maxLookups);
  return Object.freeze({
    /** @throws invalid_request · identifier_taken · tenant_unknown */
    async create(db: Db, wanted: NewBackend) {
      const backend = validateBackend(wanted);
      const { secret, hash } = newSecret();
      return { backend: await store.insertBackend(db, backend, hash), secret };
    },
    list: store.listBackends,
    /** A page of them in the order of their ids. @throws invalid_request the cursor */
    page: store.pageBackends,
    /**
     * Makes a new secret. The current one is accepted until the next rotation. With a tenant, only for backends of that
     * tenant.
     *
     * @throws not_found
     */
    async rotate(db: Db, id: string, tenantId: string | null = null) {
      const { secret, hash } = newSecret();
      const backend = await store.replaceSecret(db, id, hash, tenantId);
      if (backend === undefined) throw fail('not_found', { message: 'There is no such backend.' });
      return { backend, secret };
    },
    /** Removes and returns a backend. With a tenant, only backends of that tenant. @throws not_found */
    async remove(db: Db, id: string, tenantId: string | null = null) {
      const backend = await store.deleteBackend(db, id, tenantId);
      if (backend === undefined) throw fail('not_found', { message: 'There is no such backend.' });
      return backend;
    },
    /**
     * Reads the backends of these credentials again, in their order. `undefined`: it was deleted or disabled, or the secret is
     * no longer accepted.
     */
    async revalidate(db: Db, credentials: readonly AcceptedCredential[]) {
      const found = await store.findBackends(db, [...new Set(credentials.map(({ id }) => id))]);
      const byId = new Map(found.map((kept) => [kept.backend.id, kept]));
      return credentials.map(({ id, secretHash }) => acceptedBackend(byId.get(id), secretHash));
    },
    /** The backend of this id and secret, or why there is none. */
    async authenticate(db: Db, id: string, secret: string) {
      const [kept] = isBackendId(id) ? await limitLookups(() => store.findBackends(db, [id])) : [];
      const backend = acceptedBackend(kept, hashSecret(secret));
      return backend ?? refusalReason(kept);
    },
  });
}

/** The backend, if it is enabled and one of its secrets has this hash. */
function acceptedBackend(kept: store.BackendRecord | undefined, secretHash: Buffer): Backend | undefined {
  const matches = (kept?.hashes ?? [dummyHash]).map((hash) => constantTimeEqual(hash, secretHash));
  return kept?.backend.disabledAt === null && matches.includes(true) ? kept.backend : undefined;
}

function refusalReason(kept: store.BackendRecord | undefined): BackendRefusal {
  if (kept === undefined) return 'unknown';
  return kept.backend.disabledAt === null ? 'wrong_secret' : 'disabled';
}

function newSecret(): { secret: string; hash: Buffer } {
  const secret = toBase64url(randomBuffer(secretBytes));
  return { secret, hash: hashSecret(secret) };
}

function validateBackend(wanted: NewBackend): Omit<Backend, 'createdAt' | 'disabledAt'> {
  const { name, tenantId = null, scopes = defaultScopes, origins = [] } = wanted;
  const id = wanted.id ?? backendIdFromName(name, randomBuffer(4).toString('hex'));
  const known = scopes.filter(isBackendScope);
  const verdicts = origins.map((origin) => parseOrigin(origin, 'pages'));
  const details = [
    !isBackendId(id) && { path: 'id', message: 'Use lower-case letters, digits, - and _, at most 63.' },
    (name === '' || name.length > 200 || /\p{C}/u.test(name)) && { path: 'name', message: 'Use 1 to 200 characters.' },
    (known.length < scopes.length || known.length === 0) && {
      path: 'scopes',
      message: `Use ${backendScopes.join(', ')}.`,
    },
    ...verdicts.flatMap(({ mistake }, at) =>
      mistake ? [{ path: 'origins', message: `${origins[at]!.slice(0, 200)} ${mistake}.` }] : [],
    ),
  ].filter((detail) => detail !== false);
  if (details.length > 0) throw fail('invalid_request', { details });
  return {
    id,
    name,
    tenantId,
    scopes: [...new Set(known)],
    origins: [...new Set(verdicts.map(({ origin = '' }) => origin))],
  };
}
