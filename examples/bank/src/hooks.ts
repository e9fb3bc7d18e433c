import type { HookFunctions } from '@latchkey/service';

/** What the service adds to sessions for the bank (`LATCHKEY_HOOKS`): the name that other people see. */
export default {
  claim({ profile, email }) {
    const given = typeof profile.name === 'string' ? profile.name.trim() : '';
    return { name: (given || email?.split('@')[0] || 'Somebody').slice(0, 80) };
  },
} satisfies HookFunctions;
