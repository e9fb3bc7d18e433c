import type { AdminUser } from '@latchkey/contract';
import { fill, words } from '../words/words.ts';
import type { ConsoleApi } from './console-api.ts';
import { accountName } from './labels.ts';

/** A change of a user, with the question before it and the message after it. */
export interface UserAct {
  readonly title: string;
  readonly meaning: string;
  readonly confirmLabel: string;
  readonly perform: () => Promise<unknown>;
  readonly done: string;
}

export function disabling(api: ConsoleApi, user: AdminUser): UserAct {
  const { disable, disabledNews, disableMeaning, disableTitle } = words().users;
  const name = accountName(user);
  return {
    title: disableTitle,
    meaning: fill(disableMeaning, { user: name }),
    confirmLabel: disable,
    perform: () => api.changeUser(user.id, { disabled: true }),
    done: fill(disabledNews, { user: name }),
  };
}

export function deleting(api: ConsoleApi, user: AdminUser): UserAct {
  const { deleteIt, deleteMeaning, deleteTitle, deleted } = words().users;
  const name = accountName(user);
  return {
    title: deleteTitle,
    meaning: fill(deleteMeaning, { user: name }),
    confirmLabel: deleteIt,
    perform: () => api.deleteUser(user.id),
    done: fill(deleted, { user: name }),
  };
}

export function sendingReset(api: ConsoleApi, user: AdminUser): UserAct {
  const { resetMeaning, resetSent, resetTitle, sendReset } = words().users;
  const name = accountName(user);
  return {
    title: resetTitle,
    meaning: fill(resetMeaning, { user: name }),
    confirmLabel: sendReset,
    perform: () => api.mailPasswordReset(user.id),
    done: fill(resetSent, { user: name }),
  };
}

export function operatorChange(api: ConsoleApi, user: AdminUser): UserAct {
  const { users } = words();
  const name = accountName(user);
  const [title, meaning, confirmLabel, done] = user.operator
    ? ([users.removeTitle, users.removeMeaning, users.remove, users.removed] as const)
    : ([users.makeTitle, users.makeMeaning, users.make, users.made] as const);
  return {
    title,
    meaning: fill(meaning, { user: name }),
    confirmLabel,
    perform: () => api.changeUser(user.id, { operator: !user.operator }),
    done: fill(done, { user: name }),
  };
}
