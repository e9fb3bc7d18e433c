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
  type RequestedToken,
  type TokenOwner,
} from './one-time-token.ts';
import { deleteEndedTokens, deleteTokens, lockOfUser } from './one-time-token-deletion-store.ts';
import * as store from './one-time-token-store.ts';

const secretBytes = 32;
const codeDigits = 6;

export type OneTimeTokens = ReturnType<typeof createOneTimeTokens>;

/**
 * Tokens that are mailed and used once. A mail has a link and, for the browser or session that asked, a code of six digits.
 * A token belongs to one purpose, tenant, address and user with the credentials of that time.
 *
 * @example
 * const tokens = createOneTimeTokens({ secrets });
 * const { secret, code } = await tokens.issue(tx, { purpose: 'change_email', tenantId, owner: user, email, emailKey,
 * holder: { sid } }); await tokens.consume(tx, await tokens.findByCode(db, 'change_email', { sid }, code));
 */
export function createOneTimeTokens({ secrets }: { secrets: Secrets }) {
  const wrap = secrets.wrappingKeys('data-wrap');

  /** MACs of a code under all secrets, the newest first, so that a code outlives a new secret. */
  const codeMacs = (purpose: OneTimePurpose, ticketHash: Buffer, code: string) =>
    secrets
      .keys('mail-code')
      .map((key) => createHmac('sha256', key).update(`${purpose} ${code} `).update(ticketHash).digest());

  /** `undefined`: the owner was deleted. */
  async function insert(db: Db, token: store.NewToken, codeMac: Buffer | null = null) {
    const { purpose, tenantId, email, emailKey, holder, owner, data } = token;
    const id = randomUUID();
    const ticketHash = holder === undefined ? undefined : hashHolder(holder);
    const row = { id, purpose, tenantId, email, emailKey, ticketHash, owner, codeMac, data: wrapData(wrap, id, data) };
    const expiresAt = await store.insertToken(db, row);
    return expiresAt && { id, ticketHash, expiresAt };
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

  async function open(db: Db, { data, wrapKid, owner: _, ...token }: store.OneTimeTokenRow): Promise<OneTimeToken> {
    if (data === null || wrapKid === null) return { ...token, data: undefined };
    const plain = unwrapBytes(wrap, token.id, { bytes: data, wrapKid });
    if (plain === undefined) throw await explainUnreadable(db, wrapKid);
    return { ...token, data: JSON.parse(plain.toString()) as OneTimeData };
  }

  async function findByCode(
    db: Db,
    purpose: OneTimePurpose,
    holders: readonly Buffer[],
    code: string,
  ): Promise<OneTimeToken> {
    const compare = (ticketHash: Buffer) =>
      store.compareCode(db, { purpose, ticketHash, macs: codeMacs(purpose, ticketHash, code) });
    const compared = (await Promise.all(holders.map(compare))).flat();
    const match = compared.find(({ isMatch }) => isMatch);
    if (match === undefined) throw fail(compared.length === 0 ? 'link_invalid' : 'mail_code_wrong');
    const { isMatch: _, ...row } = match;
    return open(db, row);
  }

  /** During a roll-out another node may still be able to read it. */
  async function explainUnreadable(db: Db, wrapKid: string): Promise<Failure> {
    const failure = await secrets.classifyUnknownKid(db, wrapKid);
    return failure.retryable ? failure : fail('link_invalid', { cause: failure });
  }

  const drop = (tx: Db, { id }: Pick<RequestedToken, 'id'>) => store.dropToken(tx, id, unknownCode());

  return Object.freeze({
    /**
     * Writes a request down without looking at any account, so that it takes the same time for each address. A job prepares
     * its mail.
     *
     * @returns false: the user who asks was deleted meanwhile, and nothing was written
     */
    async request(db: Db, { isMailed = true, ...request }: OneTimeRequest): Promise<boolean> {
      if (isMailed) return (await insert(db, request)) !== undefined;
      // Only a sign-up may be asked for again.
      const kept =
        request.purpose === 'verify_email' ? request : { ...request, email: null, emailKey: null, data: undefined };
      return (await insert(db, kept, unknownCode())) !== undefined;
    },
    /** The newest request of this holder, to be made again. A new request gets a new code. */
    async findRequest(
      db: Db,
      purpose: OneTimeRequest['purpose'],
      holder: CodeHolder,
    ): Promise<OneTimeRequest | undefined> {
      const row = await store.findByTicket(db, purpose, hashHolder(holder));
      if (row === undefined || row.email === null || row.emailKey === null) return undefined;
      const { tenantId, email, emailKey, owner } = row;
      return {
        purpose,
        tenantId,
        email,
        emailKey,
        owner: owner ?? undefined,
        holder,
        data: (await open(db, row)).data,
      };
    },
    /** Requests without a prepared mail, locked to the end of the transaction. */
    takeRequested: store.lockRequested,
    /**
     * Makes the link and the code of a request for this user, or for a user who is still to be created.
     *
     * @returns `undefined` when there are as many valid ones as are allowed. The request is then dropped
     */
    async prepare(
      tx: Db,
      token: RequestedToken,
      recipient: { owner?: TokenOwner; email: string },
    ): Promise<MailedSecrets | undefined> {
      if ((await store.countUsable(tx, token)) < maxLiveTokens) return mail(tx, token, recipient);
      await drop(tx, token);
      return undefined;
    },
    /** Marks a request as one without a mail, and erases its address. A code that is tried for it is counted like any other. */
    drop,
    /** A token with its link and code at once, for a caller or an account that is known. @throws not_found it was deleted */
    async issue(tx: Db, token: NewOneTimeToken): Promise<MailedSecrets> {
      const inserted = await insert(tx, token);
      if (inserted === undefined) throw fail('not_found');
      const { id, ticketHash = null, expiresAt } = inserted;
      return mail(tx, { id, purpose: token.purpose, ticketHash, expiresAt }, token);
    },
    /**
     * Changes nothing, so that a program may open each link of a mail.
     *
     * @param holder who has to have asked. Default: not compared
     * @throws link_invalid
     */
    async findBySecret(
      db: Db,
      secret: string,
      purposes: readonly OneTimePurpose[],
      holder?: CodeHolder,
    ): Promise<OneTimeToken> {
      const row = await store.findBySecret(db, sha256(secret), purposes);
      if (row === undefined) throw fail('link_invalid');
      if (holder !== undefined && row.ticketHash?.equals(hashHolder(holder)) !== true) throw fail('link_invalid');
      return open(db, row);
    },
    /** Counts a wrong code. @throws mail_code_wrong · link_invalid there is no such token, or no try is left */
    findByCode: (db: Db, purpose: OneTimePurpose, holder: CodeHolder, code: string): Promise<OneTimeToken> =>
      findByCode(db, purpose, [hashHolder(holder)], code),
    /** The token of a code, of the session or of a ticket that the user had before it was signed in. */
    async findByCodeOfCaller(
      db: Db,
      purpose: OneTimePurpose,
      { sid, userId }: { readonly sid: string; readonly userId: string },
      code: string,
    ): Promise<OneTimeToken> {
      const tickets = await store.readTickets(db, purpose, userId);
      return findByCode(db, purpose, [hashHolder({ sid }), ...tickets], code);
    },
    /**
     * Uses a token, and makes the user's others of its purpose invalid, of undos the newer ones, in the transaction that acts on
     * it. Of callers at once one gets it. Lock the user's row first.
     *
     * @throws link_invalid
     */
    async consume(tx: Db, token: OneTimeToken): Promise<void> {
      if (!(await store.consumeToken(tx, token.id))) throw fail('link_invalid');
      await store.consumeOthers(tx, token);
    },
    /**
     * Refuses a new user without a proof of the address, as long as an undo can set the address again at the user who had it:
     * the undo would fail. Call it after the user was inserted, which waits for a change of address that is in progress.
     *
     * @throws identifier_taken
     */
    async assertNotReserved(tx: Db, { tenantId, emailKey }: { tenantId: string; emailKey: string | null }) {
      if (emailKey !== null && (await store.isAddressReserved(tx, { tenantId, emailKey })))
        throw fail('identifier_taken', { detail: 'a change of address can still be undone' });
    },
    /** Makes a token invalid that is no user's. */
    cancel: async (tx: Db, id: string) => void (await store.consumeToken(tx, id)),
    /** Makes the user's tokens of these purposes invalid. */
    revoke: store.consumeOfUser,
    /**
     * Ids of the tokens of a user and of its address, to be deleted. Locked first, so that no mail is prepared for one of them
     * meanwhile.
     */
    lockOfUser,
    delete: deleteTokens,
    deleteEnded: deleteEndedTokens,
  });
}

/** In place of the MAC of a code: no code matches it. */
const unknownCode = () => randomBuffer(32);

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
