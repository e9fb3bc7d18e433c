import { type AdminPresenceUpdate, type AdminSubscribed, adminEvents, type Failure } from '@latchkey/contract';
import { notifyListener } from '../platform/subscribable.ts';
import type { Unsubscribe } from '../session.ts';
import { maintainSubscription, type SubscriptionDeps } from '../socket/subscription.ts';
import type { AdminToken } from './admin-token.ts';

/** Who hears which sessions come and go. What it throws is reported, and harms nothing. */
export interface AdminObserver {
  /** The updates begin, for the first time or after a gap: read the lists now, and nothing is missed. */
  ready(): void;
  update(update: AdminPresenceUpdate): void;
  /**
   * There will be none, or no more: `forbidden` (no operator), `reauthentication_required` (signed in too long ago), or
   * what else the service refused for good. Trouble on the way is not told; it is tried again.
   */
  error(failure: Failure): void;
}

interface UpdatesDeps extends SubscriptionDeps {
  readonly token: AdminToken;
}

/** The part of a subscription's life after which the next one is asked for. */
const renewalShare = 0.8;

/** Follows the updates on whatever connections the session has, until the returned function is called. */
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
      // A token that is refused may have ended on its way; the socket's own trouble is the session's to mend.
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
