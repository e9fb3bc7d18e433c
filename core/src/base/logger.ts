/** A logger, compatible with pino. It never gets a credential, key, proof or verifier. */
export interface Logger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
  /** Each refused request of a route, with its `request_id`. */
  debug?(fields: Readonly<Record<string, unknown>>, message: string): void;
}
