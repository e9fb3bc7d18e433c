import { type AdminPresenceUpdate, type AdminSubscribed, adminEvents, type Failure } from '@latchkey/contract';
import { tell } from '../platform/subscribable.ts';
import type { Remove } from '../session.ts';
import { keepSubscribed, type SubscriptionNeeds } from '../socket/subscription.ts';
import type { AdminToken } from './admin-token.ts';

/** Who hears which sessions come and go. What it throws is reported, and harms nothing. */
export interface AdminFollower {
  /** The updates begin, for the first time or after a gap: read the lists now, and nothing is missed. */
  begun(): void;
  told(update: AdminPresenceUpdate): void;
  /**
   * There will be none, or no more: `forbidden` (no operator), `reauthentication_required` (signed in too long ago), or
   * what else the service refused for good. Trouble on the way is not told; it is tried again.
   */
  refused(failure: Failure): void;
}

interface Needs extends SubscriptionNeeds {
  readonly token: AdminToken;
}

/** The part of a subscription's life after which the next one is asked for. */
const renewAfter = 0.8;

/** Follows the updates on whatever connections the session has, until the returned function is called. */
export function followNews({ token, ...needs }: Needs, follower: AdminFollower): Remove {
  const subscription = keepSubscribed<AdminSubscribed>(needs, {
    names: adminEvents,
    incoming: { [adminEvents.update]: (update: AdminPresenceUpdate) => tell(() => follower.told(update), undefined) },
    payload: async () => ({ access_token: await token.fresh() }),
    begun({ expires_in }, isGap) {
      subscription.renewAfter(expires_in * 1000 * renewAfter, token.drop);
      if (isGap) tell(() => follower.begun(), undefined);
    },
    mayPass({ code }) {
      // A token that is refused may have ended on its way; the socket's own trouble is the session's to mend.
      if (code === 'unauthenticated') token.drop();
      return code === 'unauthenticated';
    },
    refused(failure) {
      subscription.stop();
      tell((why: Failure) => follower.refused(why), failure);
    },
  });
  return subscription.stop;
}
