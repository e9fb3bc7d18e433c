import type { HookFunctions } from '@latchkey/service';

/** Hooks of the bank (`LATCHKEY_HOOKS`): they add the claim `name`, which other users see. */
export default {
  claim({ profile, email }) {
    const given = typeof profile.name === 'string' ? profile.name.trim() : '';
    return { name: (given || email?.split('@')[0] || 'Unnamed user').slice(0, 80) };
  },
} satisfies HookFunctions;
