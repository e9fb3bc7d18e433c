/** What may stand between a call's params and its acknowledgement: `(call, params, options?, ack?)`. */
export interface ApiCallOptions {
  /** A call repeated with the same key by the same user runs once; 1 to 128 characters. */
  idempotency_key?: string;
}

/** The calls of an api, by name: what goes out and what comes back. */
export interface ApiCalls {
  readonly [call: string]: { readonly params: unknown; readonly result: unknown };
}

/** Whatever knows its calls at compile time; nothing stands there at run time. */
export interface HasApiCalls<Calls> {
  readonly '~calls'?: Calls;
}

/**
 * The calls of a server's api as types, for its clients.
 *
 * @example
 * type Bank = ApiOf<typeof api>;
 * type Accounts = Bank['list']['result'];
 */
export type ApiOf<Api> = Api extends HasApiCalls<infer Calls> ? Calls : never;
