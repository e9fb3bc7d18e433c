import { z } from 'zod';
import { type Environment, environment, origin, parse, port } from './env.ts';

/** What the environment sets for the service and the bank together. Absent: `together.ts` chooses. */
interface LaunchSettings {
  readonly servicePort: number | undefined;
  readonly serviceUrl: string | undefined;
  readonly bankPort: number | undefined;
  readonly bankUrl: string | undefined;
  /** Folder of the data of both. */
  readonly dataDir: string;
  /** Environment that both inherit. */
  readonly both: Readonly<Record<string, string>>;
  /** Settings of the service alone. */
  readonly service: Readonly<Record<string, string>>;
}

const settings = z.object({
  PORT: port.optional(),
  LATCHKEY_PUBLIC_URL: origin.optional(),
  BANK_PORT: port.optional(),
  BANK_PUBLIC_URL: origin.optional(),
  BANK_DATA_DIR: z.string().default('.latchkey/example-bank'),
});

/** Settings that `together.ts` makes from others, and what to do instead. */
const refused: Readonly<Record<string, string>> = {
  LATCHKEY_DATA_DIR: 'set BANK_DATA_DIR, the folder of both',
  LATCHKEY_ALLOWED_ORIGINS: 'set BANK_PUBLIC_URL',
  LATCHKEY_HOOKS: 'change src/hooks.ts',
  BANK_LATCHKEY_URL: 'set PORT or LATCHKEY_PUBLIC_URL',
  BANK_BACKEND_FILE: 'set BANK_DATA_DIR, the folder of both',
};

const inherited = ['PATH', 'HOME', 'TZ', 'LOG_LEVEL', 'BANK_DATABASE_URL'];

/**
 * Reads the settings of `together.ts`. An empty value is one that is not set.
 *
 * @throws TypeError with a sentence that names the variable
 */
export function readLaunchSettings(env: Environment = environment): LaunchSettings {
  const given = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  for (const [name, advice] of Object.entries(refused))
    if (name in given) throw new TypeError(`${name} cannot be set for the service and the bank together: ${advice}.`);
  const data = parse(settings, given);
  if (data.PORT !== undefined && data.PORT === data.BANK_PORT)
    throw new TypeError('PORT and BANK_PORT have to differ.');
  const pick = (isWanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => isWanted(name)));
  return Object.freeze({
    servicePort: data.PORT,
    serviceUrl: data.LATCHKEY_PUBLIC_URL,
    bankPort: data.BANK_PORT,
    bankUrl: data.BANK_PUBLIC_URL,
    dataDir: data.BANK_DATA_DIR,
    both: pick((name) => inherited.includes(name)),
    service: pick((name) => name.startsWith('LATCHKEY_')),
  });
}
