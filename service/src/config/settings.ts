import { maxAccessTokenSeconds, maxScopeLength, scopePattern } from '@latchkey/contract';
import { z } from 'zod';
import { validateDatabaseUrl } from './database-url.ts';
import { frontEndSettings } from './front-end-setting-rows.ts';
import { hashSettings } from './hash-setting-rows.ts';
import { limitSettings } from './limit-setting-rows.ts';
import { mailSettings } from './mail-setting-rows.ts';
import { metricsSettings } from './metrics-setting-rows.ts';
import { booleanSetting, choice, host, integer, list, network, nodeEnv, origin, wordList } from './setting-schemas.ts';

/** One setting: its environment variable, its schema, and its description for the documentation. */
interface Setting {
  readonly env: string;
  readonly schema: z.ZodType;
  readonly description: string;
  /** Shown masked, and may be given as a file by `<env>_FILE`. */
  readonly secret?: true;
  /** The name in zerv-core, which is read as well. */
  readonly formerEnv?: string;
}

export const settings = {
  nodeEnv: {
    env: 'NODE_ENV',
    schema: nodeEnv.default('development'),
    description: '`production` refuses what is unsafe.',
  },
  port: { env: 'PORT', schema: integer(1, 65_535).default(4_000), description: 'TCP port to listen on.' },
  host: {
    env: 'LATCHKEY_HOST',
    schema: host.optional(),
    description: 'Address to listen on. Default: 127.0.0.1, in production every interface.',
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    schema: z
      .string()
      .superRefine((text, context) => {
        const message = validateDatabaseUrl(text);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .optional(),
    description: 'PostgreSQL to use. Absent: the embedded database in `LATCHKEY_DATA_DIR`.',
    secret: true,
  },
  databasePoolSize: {
    env: 'LATCHKEY_DATABASE_POOL_SIZE',
    schema: integer(2, 200).default(10),
    description: 'Maximum number of connections to PostgreSQL of a node.',
  },
  dataDir: {
    env: 'LATCHKEY_DATA_DIR',
    schema: z.string().min(1).default('.latchkey'),
    description: 'Folder of the embedded database and of files that the first start creates.',
  },
  allowEmbedded: {
    env: 'LATCHKEY_ALLOW_EMBEDDED',
    schema: booleanSetting(false),
    description:
      'Allows the embedded database in production. It survives a crash of the process, but not a loss of power.',
  },
  publicUrl: {
    env: 'LATCHKEY_PUBLIC_URL',
    schema: origin.optional(),
    description:
      'Origin under which browsers reach the service; also the issuer of access tokens. Default: http://localhost:PORT.',
  },
  secret: {
    env: 'LATCHKEY_SECRET',
    schema: list.pipe(z.array(z.string().min(32, 'each secret has to be at least 32 bytes long'))),
    description:
      'One or more secrets, separated by commas, at least 32 bytes each. The first one signs, all are accepted. Embedded mode makes one.',
    secret: true,
  },
  audience: {
    env: 'LATCHKEY_AUDIENCE',
    schema: z.string().min(1).optional(),
    description: '`aud` of access tokens. Default: the issuer.',
  },
  ...frontEndSettings,
  hooks: {
    env: 'LATCHKEY_HOOKS',
    schema: z.string().min(1).optional(),
    description: 'Path of a module whose default export has the hooks.',
  },
  hookTimeoutInSecs: {
    env: 'LATCHKEY_HOOK_TIMEOUT_IN_SECS',
    // A request counts for five seconds: a hook that takes longer would make each one late.
    schema: integer(1, 4).default(3),
    description: 'Timeout of a hook, in seconds.',
  },
  defaultScopes: {
    env: 'LATCHKEY_DEFAULT_SCOPES',
    schema: wordList.pipe(
      z
        .array(z.string().regex(scopePattern, 'each has to be one scope of RFC 6749'))
        .refine(
          (scopes) => scopes.join(' ').length <= maxScopeLength,
          `has to be at most ${maxScopeLength} characters`,
        ),
    ),
    description: 'Scopes that each user may have, separated by commas, unless the hook `scopes` is set.',
  },
  trustProxy: {
    env: 'LATCHKEY_TRUST_PROXY',
    schema: wordList.pipe(z.array(network)),
    description: 'Addresses or networks of proxies whose X-Forwarded-For is trusted, separated by commas.',
  },
  requirePkce: {
    env: 'LATCHKEY_REQUIRE_PKCE',
    schema: booleanSetting(true),
    description: 'Refuses sign-ins without a PKCE challenge (RFC 7636, S256).',
  },
  passwordMinLength: {
    env: 'LATCHKEY_PASSWORD_MIN_LENGTH',
    schema: integer(8, 64).default(8),
    description: 'Minimum length of a password, in characters. 15 is recommended, because there is no second factor.',
  },
  ...mailSettings,
  logLevel: {
    env: 'LOG_LEVEL',
    schema: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info'),
    description: 'Least severe level that is logged.',
  },
  codeExpiresInSecs: {
    env: 'LATCHKEY_CODE_EXPIRES_IN_SECS',
    schema: integer(1, 60).default(30),
    description: 'Life of a code, in seconds.',
  },
  tokenExpiresInMins: {
    env: 'LATCHKEY_TOKEN_EXPIRES_IN_MINS',
    formerEnv: 'ZERV_MAX_ACTIVE_SESSION_TIMEOUT_IN_MINS',
    schema: integer(1, 525_600).default(720),
    description: 'Maximum life of a session, in minutes, unless its tenant has its own limit.',
  },
  idleTimeoutInMins: {
    env: 'LATCHKEY_IDLE_TIMEOUT_IN_MINS',
    formerEnv: 'ZERV_MAX_INACTIVE_SESSION_TIMEOUT_IN_MINS',
    schema: integer(1, 525_600).optional(),
    description: 'Minutes without activity of the user after which a session ends. Absent: no limit.',
  },
  accessTokenExpiresInSecs: {
    env: 'LATCHKEY_ACCESS_TOKEN_EXPIRES_IN_SECS',
    schema: integer(10, maxAccessTokenSeconds).default(300),
    description:
      'Life of an access token, in seconds. Each one varies by up to 5 %, so that they do not all expire at once.',
  },
  rotateInSecs: {
    env: 'LATCHKEY_ROTATE_IN_SECS',
    schema: integer(1, 86_400).default(900),
    description: 'Interval at which a browser rotates its token on a live socket, in seconds.',
  },
  keyRotationInDays: {
    env: 'LATCHKEY_KEY_ROTATION_IN_DAYS',
    schema: integer(0, 3_650).default(90),
    description:
      'Days after which the next signing key becomes the current one. It is published for as long before. 0: only by `keys rotate`.',
  },
  keyOverlapInMins: {
    env: 'LATCHKEY_KEY_OVERLAP_IN_MINS',
    schema: integer(7, 525_600).default(7),
    description:
      'Minutes for which a replaced signing key stays published. The least covers the longest access token; more helps verifiers that store the JWKS.',
  },
  auditRetentionInDays: {
    env: 'LATCHKEY_AUDIT_RETENTION_IN_DAYS',
    schema: integer(8, 36_500).optional(),
    description:
      'Days for which entries of the audit are kept, which are also the activity of accounts. Absent: they are never deleted.',
  },
  disposalIntervalInMins: {
    env: 'LATCHKEY_DISPOSAL_INTERVAL_IN_MINS',
    schema: integer(1, 1_440).default(10),
    description:
      'Interval at which expired sessions, revocations and signing keys are deleted, in minutes. Each start does it within half a minute.',
  },
  maxInactiveTimeInMinsForInactiveSession: {
    env: 'LATCHKEY_MAX_INACTIVE_TIME_IN_MINS_FOR_INACTIVE_SESSION',
    schema: integer(1, 525_600).default(10),
    description: 'When embedded: minutes to keep a session without sockets in the local session table.',
  },
  maxSessionsPerUser: {
    env: 'LATCHKEY_MAX_SESSIONS_PER_USER',
    schema: integer(1, 1_000).default(20),
    description: 'Maximum number of live sessions of a user. A further one ends the oldest.',
  },
  longPolling: {
    env: 'LATCHKEY_LONG_POLLING',
    schema: booleanSetting(false),
    description:
      'Offers long polling to clients whose network does not pass WebSocket. Several nodes then need sticky sessions.',
  },
  ...limitSettings,
  ...hashSettings,
  ...metricsSettings,
  lostTail: {
    env: 'LATCHKEY_LOST_TAIL',
    schema: choice(['end', 'uncovered', 'keep'], 'uncovered'),
    description:
      'After a failover that may have lost commits, all sessions end: `uncovered` if no node knows which sessions had ended, `end` also if one node is missing, `keep` never.',
  },
  shutdownDeadlineInSecs: {
    env: 'LATCHKEY_SHUTDOWN_DEADLINE_IN_SECS',
    schema: integer(1, 600).default(8),
    description:
      'Maximum time from SIGTERM to the exit of the process, in seconds. The stop grace period of a container has to be longer. It cannot cut the first start of the embedded database, which takes no signal for some seconds.',
  },
  drainSpreadInSecs: {
    env: 'LATCHKEY_DRAIN_SPREAD_IN_SECS',
    schema: integer(0, 600).default(30),
    description: 'Seconds over which browsers reconnect after a drain.',
  },
} as const satisfies Record<string, Setting>;

export type SettingsTable = typeof settings;
export type ParsedSettings = { readonly [Name in keyof SettingsTable]: z.output<SettingsTable[Name]['schema']> };

/** Names under which the environment may hold a setting, without those of files. */
export function environmentNamesOf(name: keyof SettingsTable): readonly string[] {
  const { env, formerEnv }: Setting = settings[name];
  return formerEnv === undefined ? [env] : [env, formerEnv];
}
