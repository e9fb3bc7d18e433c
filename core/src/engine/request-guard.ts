import { createHash, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, ServerResponse } from 'node:http';
import { connectionKeyNames, connectionKeyPattern } from '@latchkey/contract';
import type { Causes } from '../cause/causes.ts';
import { type Engine, type EngineClient, type EngineRequest, findClient, type Transport } from './engine.ts';
import { type EngineRefusal, sendEngineRefusal } from './refusal.ts';

interface RequestGuardDeps {
  readonly engine: Engine;
  readonly causes: Pick<Causes, 'report'>;
  /** A further judgement of requests that open a connection. */
  readonly checkNewConnection: (request: IncomingMessage) => EngineRefusal | undefined;
}

const badRequest = { status: 400, code: 3 } as const;
const forbidden = { status: 403, code: 4 } as const;

const noTransport: EngineRefusal = {
  ...badRequest,
  message: 'This transport cannot be upgraded to.',
  cause: 'transport_refused',
};
const noUpgrade: EngineRefusal = {
  ...badRequest,
  message: 'This connection cannot be upgraded.',
  cause: 'engine_id_refused',
};
const wrongKey: EngineRefusal = {
  ...forbidden,
  message: 'The connection key is not the one of this connection.',
  cause: 'connection_key_wrong',
};
const noPolling: EngineRefusal = {
  status: 400,
  code: 0,
  message: 'Long polling is not offered.',
  cause: 'long_polling_refused',
};
const noKey: EngineRefusal = {
  ...badRequest,
  message: `Long polling needs a connection key in the header ${connectionKeyNames.header}.`,
  cause: 'connection_key_missing',
};

/**
 * Judges every request of the engine, polling and upgrade alike. Engine.IO itself checks no origin once a request has a
 * `sid`, lets one WebSocket replace another, and takes every request with an engine id for the client's own.
 *
 * - The origin is judged at each request, by the server's `allowRequest`.
 * - A `sid` is taken only where it names a connection of long polling, with the connection key of its first request; so
 *   an engine id alone is refused.
 * - Only long polling is upgraded, once, and only to a WebSocket. That is probed once: each probe is answered, whether the
 *   answers are read or not.
 */
export function guardRequests({ engine, causes, checkNewConnection }: RequestGuardDeps): void {
  const keys = new WeakMap<EngineClient, Buffer>();
  const probed = new WeakSet<Transport>();
  function onProbe(this: EngineClient, transport: Transport): void {
    if (probed.has(transport)) transport.socket?.terminate();
    else probed.add(transport);
  }

  const offersPolling = () => engine.opts.transports?.includes('polling') === true;

  function checkUpgrade(client: EngineClient): EngineRefusal | undefined {
    return client.upgrading || client.upgraded ? noUpgrade : undefined;
  }

  /** Engine.IO answers that there is no such connection. */
  function unknownConnection(): undefined {
    if (offersPolling()) causes.report('engine_id_unknown');
  }

  function checkExistingConnection(request: EngineRequest, id: string, isUpgrade: boolean): EngineRefusal | undefined {
    const client = findClient(engine, id);
    if (client === undefined) return unknownConnection();
    const key = keys.get(client);
    if (key === undefined) return noUpgrade;
    if (!isSameKey(key, connectionKeyHash(request))) return wrongKey;
    return isUpgrade ? checkUpgrade(client) : undefined;
  }

  function checkRequest(request: EngineRequest, isUpgrade: boolean): EngineRefusal | undefined {
    const { sid, transport } = request._query;
    if (isUpgrade && transport !== 'websocket') return noTransport;
    if (sid) return checkExistingConnection(request, sid, isUpgrade);
    if (transport !== 'polling') return checkNewConnection(request);
    if (!offersPolling()) return noPolling;
    return connectionKeyHash(request) === undefined ? noKey : checkNewConnection(request);
  }

  function foreignOrigin({ headers: { origin = '' } }: EngineRequest): EngineRefusal {
    return {
      ...forbidden,
      message: 'The origin is not allowed.',
      cause: 'origin_refused',
      fields: { origin: URL.canParse(origin) ? new URL(origin).origin : 'unreadable' },
    };
  }

  engine.use((request: EngineRequest, response: object, next: () => void) => {
    const isUpgrade = !(response instanceof ServerResponse);
    const settle = (refusal: EngineRefusal | undefined) => {
      if (refusal === undefined) return next();
      const { code, message, cause, fields } = refusal;
      causes.report(cause, fields);
      engine.emit('connection_error', { req: request, code, message, context: {} });
      sendEngineRefusal(request, response, refusal);
    };
    const { allowRequest } = engine.opts;
    if (allowRequest === undefined) settle(checkRequest(request, isUpgrade));
    else
      allowRequest(request, (_error, isAllowed) => {
        settle(isAllowed ? checkRequest(request, isUpgrade) : foreignOrigin(request));
      });
  });
  engine.on('connection', (client: EngineClient) => {
    const key = client.transport.name === 'polling' ? connectionKeyHash(client.request) : undefined;
    if (key === undefined) return;
    keys.set(client, key);
    client.on('upgrading', onProbe);
  });
}

const headerName = connectionKeyNames.header.toLowerCase();
const { subprotocolPrefix } = connectionKeyNames;

/**
 * SHA-256 of the connection key that a request of the engine shows, in its header or as a subprotocol. `undefined`
 * without a well-formed one.
 */
function connectionKeyHash({ headers }: Pick<IncomingMessage, 'headers'>): Buffer | undefined {
  const key = headers[headerName] ?? offeredKey(headers['sec-websocket-protocol']);
  if (typeof key !== 'string' || !connectionKeyPattern.test(key)) return undefined;
  return createHash('sha256').update(key).digest();
}

/** Compares in constant time. */
function isSameKey(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

function offeredKey(offer: string | undefined): string | undefined {
  const subprotocols = offer?.split(',').map((name) => name.trim());
  return subprotocols?.find((name) => name.startsWith(subprotocolPrefix))?.slice(subprotocolPrefix.length);
}
