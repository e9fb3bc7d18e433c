import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Settings of the bank: its address, its database, and the service that signs its users in. */
export interface BankConfig {
  readonly port: number;
  /** Origin under which browsers reach the bank. */
  readonly publicUrl: string;
  /** The service, as browsers reach it. */
  readonly latchkeyUrl: string;
  readonly backendId: string;
  readonly backendSecret: string;
  /** PostgreSQL to use; absent: PGlite in `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly logLevel: string;
}

export const origin = z
  .url()
  .regex(/^https?:\/\//)
  .transform((url) => new URL(url).origin);

const portWords = 'has to be a TCP port, 1 to 65535';
export const port = z
  .string()
  .regex(/^\d{1,5}$/, portWords)
  .transform(Number)
  .refine((number) => number >= 1 && number <= 65_535, portWords);

const settings = z.object({
  BANK_PORT: port.default(4_100),
  BANK_PUBLIC_URL: origin.optional(),
  BANK_LATCHKEY_URL: origin.default('http://localhost:4000'),
  BANK_BACKEND_FILE: z.string().min(1).default('.latchkey/backend.json'),
  BANK_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'has to be a postgres:// URL')
    .optional(),
  BANK_DATA_DIR: z.string().min(1).default('.latchkey/bank'),
  LOG_LEVEL: z.string().min(1).default('warn'),
});

const credential = z.object({ backend_id: z.string().min(1), backend_secret: z.string().min(1) });

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process. */
export const environment: Environment = process.env;

/**
 * Reads the settings from the environment.
 *
 * @throws TypeError with a sentence that names the variable
 */
export function readConfig(env: Environment = environment): BankConfig {
  const data = parse(settings, env);
  const { backend_id, backend_secret } = readBackendCredential(data.BANK_BACKEND_FILE);
  return Object.freeze({
    port: data.BANK_PORT,
    publicUrl: data.BANK_PUBLIC_URL ?? `http://localhost:${data.BANK_PORT}`,
    latchkeyUrl: data.BANK_LATCHKEY_URL,
    backendId: backend_id,
    backendSecret: backend_secret,
    databaseUrl: data.BANK_DATABASE_URL,
    dataDir: data.BANK_DATA_DIR,
    logLevel: data.LOG_LEVEL,
  });
}

/** Parses settings. @throws TypeError with a sentence that names each wrong variable */
export function parse<T extends z.ZodType>(schema: T, env: Environment): z.output<T> {
  const { success, data, error } = schema.safeParse(env);
  if (success) return data;
  throw new TypeError(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

function readBackendCredential(file: string): z.output<typeof credential> {
  try {
    return credential.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new TypeError(
      `BANK_BACKEND_FILE: ${file} has no credential of a backend. Start the service first, which writes one`,
      { cause },
    );
  }
}
