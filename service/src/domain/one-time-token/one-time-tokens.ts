import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { type Failure, fail } from '@latchkey/contract';
import { randomBuffer, sha256, toBase64url } from '../../base/bytes.ts';
import { unwrapBytes, type WrappedBytes, type WrappingKeys, wrapBytes } from '../../base/wrap.ts';
import type { Db } from '../../db/schema.ts';
import type { Secrets } from '../secret/secrets.ts';
import {
  type CodeHolder,
  type MailedSecrets,
  maxLiveTokens,
  type NewOneTimeToken,
  type OneTimeData,
  type OneTimePurpose,
  type OneTimeRequest,
  type OneTimeToken,
  type TokenOwner,
} from './one-time-token.ts';
import * as store from './one-time-token-store.ts';

/**
 * Tokens that are mailed and used once. A mail has a link and, for the browser or session that asked, a code of six digits.
 * A token belongs to one purpose, tenant, address and user with the credentials of that time.
 */
export interface OneTimeTokens {
  /**
   * Writes a request down without looking at any account, so that it takes the same time for each address. A job prepares its
   * mail ({@link OneTimeTokens.takeRequested}).
   *
   * @returns when the token expires
   */
  request(db: Db, request: OneTimeRequest): Promise<Date>;
  /** Requests without a prepared mail, locked to the end of the transaction. */
  takeRequested(tx: Db, limit: number): Promise<readonly RequestedToken[]>;
  /**
   * Makes the link and the code of a request for this user, or for a user who is still to be created.
   *
   * @returns `undefined` when there are as many valid ones as are allowed; the request is then worth nothing
   */
  prepare(
    tx: Db,
    token: RequestedToken,
    recipient: { owner?: TokenOwner; email: string },
  ): Promise<MailedSecrets | undefined>;
  /** Marks a request as one without a mail. A code that is tried for it is counted like any other. */
  drop(tx: Db, token: RequestedToken): Promise<void>;
  /** A token with its link and code at once, for a caller or an account that is known. */
  issue(tx: Db, token: NewOneTimeToken): Promise<MailedSecrets>;
  /** Changes nothing, so that a program may open each link of a mail. @throws link_invalid */
  findBySecret(db: Db, secret: string, purposes: readonly OneTimePurpose[]): Promise<OneTimeToken>;
  /** Counts a wrong code. @throws mail_code_wrong · link_invalid there is no such token, or no try is left */
  findByCode(db: Db, purpose: OneTimePurpose, holder: CodeHolder, code: string): Promise<OneTimeToken>;
  /**
   * Uses a token, and makes the user's others of its purpose invalid, in the transaction that acts on it. Of callers at once
   * one gets it. Lock the user's row first.
   *
   * @throws link_invalid
   */
  consume(tx: Db, token: OneTimeToken): Promise<void>;
  /** Makes the user's tokens of these purposes invalid. */
  revoke(tx: Db, userId: string, purposes: readonly OneTimePurpose[]): Promise<void>;
  deleteEnded(db: Db): Promise<number>;
}

/** A request whose mail is not prepared yet. */
interface RequestedToken extends OneTimeToken {
  readonly emailKey: string;
  readonly email: string;
  readonly ticketHash: Buffer | null;
}

const secretBytes = 32;
const codeDigits = 6;

/**
 * @example
 * const tokens = createOneTimeTokens({ secrets });
 * const { secret, code } = await tokens.issue(tx, { purpose: 'change_email', tenantId, owner: user, email, emailKey, holder: { sid } });
 * await tokens.consume(tx, await tokens.findByCode(db, 'change_email', { sid }, code));
 */
export function createOneTimeTokens({ secrets }: { secrets: Secrets }): OneTimeTokens {
  const wrap = secrets.wrappingKeys('data-wrap');

  /** MACs of a code under all secrets, the newest first, so that a code outlives a new secret. */
  const codeMacs = (purpose: OneTimePurpose, ticketHash: Buffer, code: string) =>
    secrets
      .keys('mail-code')
      .map((key) => createHmac('sha256', key).update(`${purpose} ${code} `).update(ticketHash).digest());

  async function insert(
    db: Db,
    token: Omit<OneTimeRequest, 'purpose' | 'ticket'> & Pick<NewOneTimeToken, 'purpose' | 'holder'>,
  ) {
    const { purpose, tenantId, email, emailKey, holder, data } = token;
    const id = randomUUID();
    const ticketHash = holder === undefined ? undefined : hashHolder(holder);
    const row = { id, purpose, tenantId, email, emailKey, ticketHash, data: wrapData(wrap, id, data) };
    return { id, ticketHash, expiresAt: await store.insertToken(db, row) };
  }

  /** Stores hash and MAC of a new link and code. */
  async function mail(
    tx: Db,
    token: { id: string; purpose: OneTimePurpose; ticketHash: Buffer | null; expiresAt: Date },
    { owner, email }: { owner?: TokenOwner | undefined; email: string },
  ): Promise<MailedSecrets> {
    const secret = toBase64url(randomBuffer(secretBytes));
    const code = token.ticketHash === null ? undefined : newCode();
    const codeMac = code === undefined ? null : codeMacs(token.purpose, token.ticketHash!, code)[0]!;
    await store.prepareToken(tx, token.id, { owner, email, secretHash: sha256(secret), codeMac });
    return { tokenId: token.id, secret, code, expiresAt: token.expiresAt };
  }

  async function open(db: Db, row: store.OneTimeTokenRow): Promise<OneTimeToken> {
    const { ticketHash: _, data, wrapKid, ...token } = row;
    if (data === null || wrapKid === null) return { ...token, data: undefined };
    const plain = unwrapBytes(wrap, row.id, { bytes: data, wrapKid });
    if (plain === undefined) throw await explainUnreadable(db, wrapKid);
    return { ...token, data: JSON.parse(plain.toString()) as OneTimeData };
  }

  /** During a roll-out another node may still be able to read it. */
  async function explainUnreadable(db: Db, wrapKid: string): Promise<Failure> {
    const failure = await secrets.classifyUnknownKid(db, wrapKid);
    return failure.retryable ? failure : fail('link_invalid', { cause: failure });
  }

  return Object.freeze<OneTimeTokens>({
    async request(db, { ticket, ...request }) {
      const { expiresAt } = await insert(db, { ...request, holder: ticket === undefined ? undefined : { ticket } });
      return expiresAt;
    },
    async takeRequested(tx, limit) {
      const rows = await store.lockRequested(tx, limit);
      const opened = rows.map(
        async (row) => ({ ...(await open(tx, row)), ticketHash: row.ticketHash }) as RequestedToken,
      );
      return Promise.all(opened);
    },
    async prepare(tx, token, recipient) {
      if ((await store.countUsable(tx, token)) < maxLiveTokens) return mail(tx, token, recipient);
      await this.drop(tx, token);
      return undefined;
    },
    async drop(tx, { id, email }) {
      await store.prepareToken(tx, id, { owner: undefined, email, secretHash: null, codeMac: randomBuffer(32) });
    },
    async issue(tx, token) {
      const { id, ticketHash = null, expiresAt } = await insert(tx, token);
      return mail(tx, { id, purpose: token.purpose, ticketHash, expiresAt }, token);
    },
    async findBySecret(db, secret, purposes) {
      const row = await store.findBySecret(db, sha256(secret), purposes);
      if (row === undefined) throw fail('link_invalid');
      return open(db, row);
    },
    async findByCode(db, purpose, holder, code) {
      const ticketHash = hashHolder(holder);
      const compared = await store.compareCode(db, { purpose, ticketHash, macs: codeMacs(purpose, ticketHash, code) });
      const match = compared.find(({ isMatch }) => isMatch);
      if (match === undefined) throw fail(compared.length === 0 ? 'link_invalid' : 'mail_code_wrong');
      const { isMatch: _, ...row } = match;
      return open(db, row);
    },
    async consume(tx, token) {
      if (!(await store.consumeToken(tx, token.id))) throw fail('link_invalid');
      await store.consumeOthers(tx, token);
    },
    revoke: store.consumeOfUser,
    deleteEnded: store.deleteEndedTokens,
  });
}

function wrapData(keys: WrappingKeys, id: string, data: OneTimeData | undefined): WrappedBytes | undefined {
  return data === undefined ? undefined : wrapBytes(keys, id, Buffer.from(JSON.stringify(data)));
}

function newCode(): string {
  return String(randomInt(10 ** codeDigits)).padStart(codeDigits, '0');
}

/** Tickets and sessions have prefixes, so that the id of a session is no ticket. */
function hashHolder(holder: CodeHolder): Buffer {
  return 'sid' in holder ? sha256('session ', holder.sid) : sha256('ticket ', holder.ticket);
}
