import { type BackendExchangeRequest, fail } from '@latchkey/contract';
import type { Authority, ExchangeRequest, SessionInspection } from '@latchkey/core';
import { inChunks } from '@latchkey/core/internal';
import type { ServiceConnection } from './connection.ts';
import type { PresenceReporter } from './presence-reporter.ts';
import { fromBackendAccessGrant, fromBackendGrant, toSessionInspection } from './responses.ts';
import type { RevocationCache } from './revocation-cache.ts';

interface RemoteAuthorityDeps {
  readonly connection: ServiceConnection;
  readonly presenceReporter: PresenceReporter;
  readonly cache: Pick<RevocationCache, 'endedReason'>;
  readonly onEnded: Authority['onEnded'];
  readonly onTenantChanged: Authority['onTenantChanged'];
}

/** Keeps a message below the service's 64 KB. */
const batchSize = 500;

/**
 * The authority of a backend: relays each call to the service over the connection. Keeps no code and no token after the
 * answer. Errors of the connection are `unavailable`.
 */
export function createRemoteAuthority({
  connection,
  presenceReporter,
  cache,
  onEnded,
  onTenantChanged,
}: RemoteAuthorityDeps): Authority {
  async function inspect(sids: readonly string[]): Promise<readonly SessionInspection[]> {
    const answers = inChunks(sids, batchSize).map((some) => connection.call('sessions', { sids: some }));
    return (await Promise.all(answers)).flatMap(({ sessions }) => sessions.map(toSessionInspection));
  }

  return Object.freeze<Authority>({
    async exchange(request) {
      if (request.isDisconnected()) throw fail('unavailable', { detail: 'the client has disconnected' });
      return fromBackendGrant(await connection.call('exchange', toBackendExchangeRequest(request)));
    },
    confirm: (sid, generation) => connection.emit('confirm', { sid, gen: generation }),
    async refresh(sid, { admin, scope }) {
      const request = { sid, ...(admin ? { admin } : {}), ...(scope === undefined ? {} : { scope }) };
      return fromBackendAccessGrant(await connection.call('refresh', request));
    },
    logout: (sid, { scope }) => connection.call('logout', { sid, scope }),
    activity: presenceReporter.markActive,
    presence: presenceReporter.setSocketCount,
    inspect,
    endedReason: cache.endedReason,
    onEnded,
    onTenantChanged,
  });
}

function toBackendExchangeRequest({
  credential,
  codeVerifier,
  rotationKey,
  alsoRotationKeys,
  askedAt,
  proof,
  expectedSid,
  peer,
}: ExchangeRequest): BackendExchangeRequest {
  const socketOrigin = peer.socketOrigin?.slice(0, 512);
  return {
    credential,
    ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
    ...(rotationKey === undefined ? {} : { rotation_key: rotationKey }),
    ...(alsoRotationKeys.length === 0 ? {} : { also_rotation_keys: [...alsoRotationKeys] }),
    ...(askedAt === undefined ? {} : { asked_at: askedAt }),
    ...(proof === undefined ? {} : { proof, ...(socketOrigin === undefined ? {} : { socket_origin: socketOrigin }) }),
    ...(expectedSid === undefined ? {} : { expected_sid: expectedSid }),
    peer: {
      connection_id: peer.connectionId,
      // Headers of a client may be longer than the service accepts. They are cut, so that the request is not refused
      // for them.
      origin: peer.origin?.slice(0, 512) ?? null,
      address: peer.address?.slice(0, 64) ?? null,
      user_agent: peer.userAgent?.slice(0, 1_024) ?? null,
    },
  };
}
