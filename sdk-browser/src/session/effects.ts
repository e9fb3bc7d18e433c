import type { Authenticator } from '../connection/authenticator.ts';
import type { SocketConnection } from '../connection/connection.ts';
import type { RefreshScheduler } from '../refresh/refresh-scheduler.ts';
import type { CodeExchange } from '../tokens/code-exchange.ts';
import type { SessionBasics } from './session-basics.ts';
import type { Effect } from './session-event.ts';

interface EffectsDeps extends SessionBasics {
  readonly authenticator: Authenticator;
  readonly codeExchange: CodeExchange;
  readonly connection: SocketConnection;
  readonly diagnose: (error: Error | undefined) => void;
  readonly publish: () => void;
  readonly refreshScheduler: RefreshScheduler;
  readonly renew: () => Promise<void>;
}

type Run = { readonly [Type in Effect['type']]: (effect: Extract<Effect, { readonly type: Type }>) => void };

const userChanged =
  'another tab signed in another user, and this page has adopted that session. If another app of this origin did it, give each app a storageKey.';

/** Returns the function that runs an effect on the components of a session. */
export function createRunEffect(deps: EffectsDeps): (effect: Effect) => void {
  const { access, authenticator, channel, codeExchange, connection, events, leader, prover, refreshScheduler } = deps;
  const run: Run = {
    publish: deps.publish,
    emit: ({ name, payload }) => events.emit(name, payload as never),
    start() {
      refreshScheduler.stop();
      connection.start();
    },
    stop() {
      connection.stop();
      refreshScheduler.stop();
    },
    present: authenticator.present,
    reset() {
      authenticator.disconnected();
      leader.stop();
    },
    diagnose: ({ error }) => deps.diagnose(error),
    grant({ answer }) {
      access.set(answer.access_token, answer.access_token_expires_in);
      refreshScheduler.granted(answer);
      leader.start();
      prover?.learnTime(answer.server_time);
    },
    set_access_token: ({ token, expiresInSeconds }) => access.set(token, expiresInSeconds),
    clear_access_token: access.clear,
    renew: () => void deps.renew().catch(() => {}),
    schedule_rotation: refreshScheduler.rotated,
    broadcast: channel.broadcast,
    resolve_code: ({ user }) => codeExchange.succeed(user),
    reject_code: ({ failure }) => codeExchange.refuse(failure),
    warn_of_other_user: () => deps.warnOnce('user', userChanged),
  };
  return (effect) => (run[effect.type] as (effect: Effect) => void)(effect);
}
