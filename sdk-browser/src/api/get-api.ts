import type { HasApiCalls } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import { getInternals } from '../session/internals.ts';
import type { Session } from '../session/session.ts';
import { type AnyApi, type ApiClient, createApis } from './api-client.ts';
import { createOutbox } from './outbox.ts';
import type { CallRequest } from './pending-call.ts';

type Apis = ReturnType<typeof createApis>;

const apis = new WeakMap<Session, Apis>();

function openApis(session: Session): Apis {
  const { core, options } = getInternals(session);
  const { url, socketUrl } = options;
  /** Warns that the server at `url` has no such api. If the app's server is elsewhere, `socketUrl` must name it. */
  const onUnanswered = ({ api, name }: CallRequest): void => {
    const sentence = `${url} did not run the call ${name} of ${api}. Set socketUrl to the server of this api.`;
    if (socketUrl === url) core.warnOnce('socketUrl', sentence);
  };
  const outbox = createOutbox({ ...core, onUnanswered, state: () => core.state });
  const opened = createApis({ outbox, socket: core.connection.socket as unknown as Socket });
  core.closed.addEventListener('abort', outbox.close);
  apis.set(session, opened);
  return opened;
}

/**
 * Returns the client of the server's `apiRouter` of that name, over {@link Session.socket}: the same object for each call.
 * Throws `TypeError` for an empty name and for an event of the protocol.
 *
 * @example
 * import { getApi } from '@latchkey/sdk-browser/api';
 * import type { api } from '../server/api.ts';
 * const bank = getApi<typeof api>(session, 'api');
 * const page = await bank.call('list', { page: 1 });
 */
export function getApi<Api extends HasApiCalls<unknown> = AnyApi>(session: Session, name: string): ApiClient<Api> {
  return (apis.get(session) ?? openApis(session))<Api>(name);
}
