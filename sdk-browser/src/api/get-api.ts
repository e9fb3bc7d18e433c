import type { HasApiCalls } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import { getInternals } from '../inside.ts';
import type { Session } from '../session.ts';
import { type AnyApi, type ApiClient, createApis } from './api-client.ts';
import { createOutbox } from './outbox.ts';
import type { CallRequest } from './pending-call.ts';

type Apis = ReturnType<typeof createApis>;

const apis = new WeakMap<Session, Apis>();

function openApis(session: Session): Apis {
  const { core, options } = getInternals(session);
  const { url, socketUrl } = options;
  /** The service takes no calls: where it does not mount the app's server, `socketUrl` has to name that. */
  const onUnanswered = ({ api, name }: CallRequest): void => {
    const sentence = `${url} did not carry out the call ${name} of ${api}. Name the server of this api in socketUrl.`;
    if (socketUrl === url) core.warnOnce('socketUrl', sentence);
  };
  const outbox = createOutbox({ ...core, onUnanswered, state: () => core.state });
  const opened = createApis({ outbox, socket: core.connection.socket as unknown as Socket });
  core.closed.addEventListener('abort', outbox.close);
  apis.set(session, opened);
  return opened;
}

/**
 * The typed calls of the server's `apiRouter` of that name, over {@link Session.socket}; the same client each time.
 * Throws `TypeError` for a name that the protocol uses.
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
