import { type AdminPresenceUpdate, type AdminSubscribed, adminEvents, type Failure } from '@latchkey/contract';
import { maintainSubscription, type SubscriptionDeps } from '../connection/subscription.ts';
import { notifyListener } from '../platform/subscribable.ts';
import type { Unsubscribe } from '../session/session.ts';
import type { AdminToken } from './admin-token.ts';

/** Callbacks of an admin subscription. An error that a callback throws is reported to the page only. */
export interface AdminObserver {
  /** The subscription has begun, for the first time or after a gap. Read the lists now so that no change is missed. */
  ready(): void;
  /** Sessions have connected or disconnected. */
  update(update: AdminPresenceUpdate): void;
  /**
   * The subscription has ended: `forbidden` (not an operator), `reauthentication_required` (signed in too long ago), or the
   * code of another permanent refusal. Transient errors are retried without a callback.
   */
  error(failure: Failure): void;
}

interface UpdatesDeps extends SubscriptionDeps {
  readonly token: AdminToken;
}

/** The part of a subscription's lifetime after which it is renewed. */
const renewalShare = 0.8;

/** Subscribes to admin updates and renews the subscription on each new connection. Returns the function that ends it. */
export function subscribeAdminUpdates({ token, ...deps }: UpdatesDeps, observer: AdminObserver): Unsubscribe {
  const subscription = maintainSubscription<AdminSubscribed>(deps, {
    names: adminEvents,
    handlers: {
      [adminEvents.update]: (update: AdminPresenceUpdate) => notifyListener(() => observer.update(update), undefined),
    },
    payload: async () => ({ access_token: await token.getOrRenew() }),
    onSubscribed({ expires_in }, isGap) {
      subscription.renewAfter(expires_in * 1000 * renewalShare, token.clear);
      if (isGap) notifyListener(() => observer.ready(), undefined);
    },
    isRetryable({ code }) {
      // The token may have expired in transit, so it is replaced. The session itself handles errors of the socket.
      if (code === 'unauthenticated') token.clear();
      return code === 'unauthenticated';
    },
    onRefused(failure) {
      subscription.stop();
      notifyListener((why: Failure) => observer.error(why), failure);
    },
  });
  return subscription.stop;
}
