/** Where trouble is told. pino's loggers fit. No credential, key, proof or verifier is ever handed to it. */
export interface Logger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
  /** Each refused request of a route, with its `request_id`. */
  debug?(fields: Readonly<Record<string, unknown>>, message: string): void;
}
