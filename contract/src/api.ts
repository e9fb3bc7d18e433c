/** Options of a call, sent between its params and its acknowledgement: `(call, params, options?, ack?)`. */
export interface ApiCallOptions {
  /** A call repeated with the same key by the same user runs once; 1 to 128 characters. */
  idempotency_key?: string;
}

/** The calls of an api, by name: what goes out and what comes back. */
export interface ApiCalls {
  readonly [call: string]: { readonly params: unknown; readonly result: unknown };
}

/** Carries the types of an api's calls. The member does not exist at run time. */
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
