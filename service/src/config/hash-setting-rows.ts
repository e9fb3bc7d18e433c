import { integer } from './setting-schemas.ts';

/** Settings of password hashes, a part of the table of settings. */
export const hashSettings = {
  argon2MemoryInKib: {
    env: 'LATCHKEY_ARGON2_MEMORY_IN_KIB',
    schema: integer(7_168, 1_048_576).default(19_456),
    description: 'Memory of one password hash (argon2id), in KiB.',
  },
  argon2Passes: {
    env: 'LATCHKEY_ARGON2_PASSES',
    schema: integer(1, 20).default(2),
    description: 'Passes of one password hash (argon2id).',
  },
  argon2AtOnce: {
    env: 'LATCHKEY_ARGON2_AT_ONCE',
    schema: integer(1, 256).optional(),
    description:
      'Concurrent password hashes. Default: the number of cores. One less keeps a core free for sockets during many logins.',
  },
} as const;
