/** What the pages take for granted: an app's own things, by the page that speaks of them. The SDK's are imported there. */
const latchkey = "declare const latchkey: import('@latchkey/sdk-server').Latchkey;";
const io = "declare const io: import('socket.io').Server;";
const pool = "declare const pool: import('pg').Pool;";
const session = "declare const session: import('@latchkey/sdk-browser').Session;";

export const surroundings: Readonly<Record<string, string>> = {
  'README.md': `
    declare const backendId: string;
    declare const backendSecret: string;
    declare const server: import('node:http').Server;
    declare const app: import('express').Express;
    declare const input: import('zod').ZodType<{ text: string }>;
    declare const appUrl: string;
    declare const api: import('@latchkey/sdk-server/api').ApiRouter<{ add: { params: { text: string }; answer: void } }>;
    declare const email: string;
    declare const password: string;
    declare function notesOf(userId: string): string[];
    declare function show(text: string): void;
  `,
  'docs/build/backends.md': `
    ${latchkey} ${io} ${pool}
    declare const backendId: string;
    declare const backendSecret: string;
    declare const app: import('express').Express;
    declare const fastify: import('fastify').FastifyInstance;
    declare const koa: import('koa');
    declare const httpServer: import('node:http').Server;
    declare const transfer: import('express').RequestHandler;
    declare function balanceOf(userId: string): Promise<number>;
    declare function accountsOf(userId: string, page: number): Promise<string[]>;
    declare function rename(tx: import('@latchkey/sdk-server/transaction').PgTransaction, userId: string, name: string): Promise<boolean>;
  `,
  'docs/build/transactions.md': `
    ${latchkey} ${io} ${pool}
    interface Schema { accounts: { id: number; balance: number } }
    declare const connectionString: string;
    declare const log: import('@latchkey/sdk-server').Logger;
    declare const db: object;
    declare const router: import('@koa/router').RouterInstance<{ auth: import('@latchkey/sdk-server').AccessClaims }>;
    declare const input: import('zod').ZodType<{ amount: number }>;
    declare const transfer: (this: import('@latchkey/sdk-server/api').CallContext<import('@latchkey/sdk-server/transaction').PgTransaction>, params: { amount: number }) => Promise<null>;
    declare const store: Record<'begin' | 'commit' | 'rollback' | 'mark' | 'forgetMark' | 'backToMark', () => Promise<void>> & { ask(statement: string): Promise<unknown[]> };
    declare function book(transaction: import('@latchkey/sdk-server/transaction').PgTransaction): Promise<void>;
    declare function show(...shown: unknown[]): void;
    declare function listBookings(from: typeof db, userId: string): Promise<string[]>;
  `,
  'docs/build/idempotency.md': `
    ${latchkey} ${io} ${pool}
    declare const order: import('zod').ZodType<{ amount: number }>;
    declare const transfer: (this: import('@latchkey/sdk-server/api').CallContext<import('@latchkey/sdk-server/transaction').PgTransaction>, params: { amount: number }) => Promise<null>;
  `,
  'docs/build/events.md': `
    ${latchkey} ${io} ${pool} ${session}
    declare const log: import('@latchkey/sdk-server').Logger;
    declare const chat: import('@latchkey/sdk-server/api').ApiRouter<{ say: { params: { text: string }; answer: void } }>;
    declare function show(from: string, text: string): void;
  `,
  'docs/from/socketio-jwt.md': `
    declare const backendId: string;
    declare const backendSecret: string;
    declare const server: import('node:http').Server;
    declare const email: string;
    declare const password: string;
    declare function balanceOf(userId: string): Promise<number>;
    declare function show(balance: number): void;
  `,
  'docs/from/passport.md': `
    declare const backendId: string;
    declare const backendSecret: string;
    declare const server: import('node:http').Server;
    declare const app: import('express').Express;
    declare const email: string;
    declare const password: string;
    declare function accountsOf(userId: string): string[];
    declare function checkPassword(email: string, password: string): Promise<{ id: string } | undefined>;
  `,
  'docs/build/hooks.md': '',
  'docs/build/metadata.md': '',
  'docs/run/import.md': `
    declare const oldSystem: { signIn(email: string, password: string): Promise<{ id: string; isConfirmed: boolean } | undefined> };
  `,
  'docs/build/embedding.md': `
    declare const accounts: import('koa').Middleware;
  `,
  'docs/build/brand.md': `
    declare const service: string;
    declare const tenant: string;
    declare const backendId: string;
    declare const backendSecret: string;
    declare const png: Buffer;
  `,
  'docs/reference/protocol.md': `
    declare const io: typeof import('socket.io-client').io;
    declare const url: string;
    declare function randomBase64url(bytes: number): string;
  `,
  'docs/run/mail.md': '',
  'docs/run/observability.md': `
    ${latchkey}
    declare const app: import('express').Express;
  `,
  'contract/README.md': 'declare const accessToken: string;',
  'migrations/README.md': "declare const db: import('kysely').Kysely<unknown>;",
  'sdk-server/README.md': '',
  'sdk-browser/README.md': `
    ${session}
    declare const createSession: typeof import('@latchkey/sdk-browser').createSession;
    declare const api: import('@latchkey/sdk-server/api').ApiRouter<{ balance: { params: { account: number }; answer: number } }>;
    declare const email: string;
    declare const password: string;
    declare function render(...shown: unknown[]): void;
    declare function warn(seconds: number): void;
    declare function show(...shown: unknown[]): void;
    declare function hideUsers(): void;
    declare function showUsers(names: readonly string[]): void;
    declare function load(): void;
    declare function explain(code: string): void;
  `,
  'examples/bank/README.md': `
    type Server = typeof import('@latchkey/sdk-server');
    type Api = typeof import('@latchkey/sdk-server/api');
    type Transactions = typeof import('@latchkey/sdk-server/transaction');
    type BankTransaction = import('@latchkey/sdk-server/transaction').KyselyTransaction<import('kysely').ControlledTransaction<object>>;
    interface Order { to: number; amount: number }
    interface BookingChange { userId: string; booking: object }
    declare const createLatchkey: Server['createLatchkey'];
    declare const userRoom: Server['userRoom'];
    declare const kyselyIdempotencyStore: Api['kyselyIdempotencyStore'];
    declare const kyselyTransactionClass: Transactions['kyselyTransactionClass'];
    declare const url: string;
    declare const backendId: string;
    declare const backendSecret: string;
    declare const http: import('node:http').Server;
    declare const db: import('kysely').Kysely<object>;
    declare const router: import('@koa/router').RouterInstance<{ auth: import('@latchkey/sdk-server').AccessClaims }>;
    declare const order: import('zod').ZodType<Order>;
    declare function createAccounts(transactions: object): {
      accountTransfer(transaction: BankTransaction, order: Order & { tenantId: string; userId: string }): Promise<object>;
    };
    declare function announceWhoIsOnline(tenantId: string): void;
    declare function listBookings(from: typeof db, userId: string): Promise<object[]>;
  `,
};

/** Packages that a page imports and that are not installed here. */
export const missingPackages: Readonly<Record<string, string>> = {
  'sdk-browser/README.md': `
    declare module '@react-native-async-storage/async-storage' {
      const storage: import('@latchkey/sdk-browser/async-storage').AsyncStorage;
      export default storage;
    }
  `,
};
