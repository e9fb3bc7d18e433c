/** What a code says: which session it opens, for whom, and who may redeem it. Times in epoch seconds. */
export interface CodePayload {
  readonly sid: string;
  readonly sub: string;
  readonly tid: string;
  /** Credential version of the user. */
  readonly cv: number;
  /** Code version of the tenant; absent when a node of an older version made the code. */
  readonly tv?: number | undefined;
  readonly auth_time: number;
  readonly amr: readonly string[];
  /** PKCE challenge, S256 (RFC 7636). */
  readonly cc?: string | undefined;
  readonly jkt?: string | undefined;
  /** Scopes that the sign-in asked for, separated by spaces. */
  readonly scope?: string | undefined;
}
