import { adminAudience } from '@latchkey/contract';
import { findUnusableFiles } from './database-files.ts';
import { ConfigError, readSettings } from './env.ts';
import { type ParsedSettings, settings } from './settings.ts';

/** The effective configuration: parsed once, frozen, with every default filled in. */
export interface Config extends ParsedSettings {
  readonly production: boolean;
  readonly embedded: boolean;
  readonly host: string;
  readonly demoPage: boolean;
  readonly metricsHost: string;
  readonly publicUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** Origins under which browsers reach the service: what proofs of possession name. */
  readonly ownOrigins: readonly string[];
  /** Origins whose pages may call the service and open sockets: its own, and the allowed ones. */
  readonly trustedOrigins: readonly string[];
}

/**
 * Makes the configuration from environment variables.
 *
 * @param options.databaseOnly for a command that needs the database alone, such as `migrate`: no secret and no public URL
 * @throws ConfigError a sentence for each mistake; production refuses what is unsafe
 * @example
 * const config = createConfig({ PORT: '4000', LATCHKEY_PUBLIC_URL: 'https://id.example' });
 */
export function createConfig(
  env: Readonly<Record<string, string | undefined>>,
  { databaseOnly = false }: { readonly databaseOnly?: boolean } = {},
): Config {
  const parsed = readSettings(env);
  const production = parsed.nodeEnv === 'production';
  const publicUrl = parsed.publicUrl ?? `http://localhost:${parsed.port}`;
  const config: Config = Object.freeze({
    ...parsed,
    production,
    embedded: parsed.databaseUrl === undefined,
    host: parsed.host ?? defaultHost(production),
    metricsHost: parsed.metricsHost ?? defaultHost(production),
    demoPage: parsed.demoPage ?? !production,
    publicUrl,
    issuer: publicUrl,
    audience: parsed.audience ?? publicUrl,
    ownOrigins: ownOrigins(parsed, production),
    trustedOrigins: [...ownOrigins(parsed, production), ...parsed.allowedOrigins],
  });
  const files = parsed.databaseUrl === undefined ? [] : findUnusableFiles(parsed.databaseUrl);
  const mistakes = [
    ...files,
    ...findUnsafeDatabase(config),
    ...(databaseOnly ? [] : findUnsafeSettings(config, parsed)),
  ];
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
  return config;
}

const defaultHost = (production: boolean) => (production ? '0.0.0.0' : '127.0.0.1');

/** On a developer's machine `localhost` and `127.0.0.1` are one place. */
function ownOrigins({ publicUrl, port }: ParsedSettings, production: boolean): string[] {
  if (publicUrl !== undefined) return [publicUrl];
  return production ? [] : [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
}

function findUnsafeDatabase({ production, embedded, allowEmbedded }: Config): string[] {
  if (!production || !embedded || allowEmbedded) return [];
  return ['DATABASE_URL is missing: in production set it, or set LATCHKEY_ALLOW_EMBEDDED=true.'];
}

function findUnsafeSettings(config: Config, parsed: ParsedSettings): string[] {
  const mistakes: string[] = [];
  if (config.audience === adminAudience(config.issuer))
    mistakes.push('LATCHKEY_AUDIENCE is the audience of /admin: any access token would open it.');
  if (!config.embedded && config.secret.length === 0)
    mistakes.push(
      'LATCHKEY_SECRET is missing: with DATABASE_URL set, every node needs the same secret of 32 bytes or more.',
    );
  if (config.smtpUrl !== undefined && config.mailFrom === undefined)
    mistakes.push('LATCHKEY_MAIL_FROM is missing: with LATCHKEY_SMTP_URL set, it is the address that mails come from.');
  if (parsed.metricsHost !== undefined && parsed.metricsPort === undefined)
    mistakes.push('LATCHKEY_METRICS_PORT is missing: with LATCHKEY_METRICS_HOST set, it is the port to listen on.');
  if (parsed.metricsPort === parsed.port && parsed.port !== 0)
    mistakes.push('LATCHKEY_METRICS_PORT and PORT are the same: set another LATCHKEY_METRICS_PORT.');
  if (!config.production) return mistakes;
  if (parsed.publicUrl === undefined)
    mistakes.push('LATCHKEY_PUBLIC_URL is missing: in production set your https origin.');
  else if (!parsed.publicUrl.startsWith('https://'))
    mistakes.push('LATCHKEY_PUBLIC_URL has to begin with https:// in production.');
  return mistakes;
}

/** The configuration as it may be printed: secrets masked. */
export function maskedConfig(config: Config): Record<string, unknown> {
  const isSecret = (name: string) => name in settings && 'secret' in settings[name as keyof typeof settings];
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, isSecret(name) && value !== undefined ? '***' : value]),
  );
}
