/** What the pages take for granted: an app's own things, by the page that speaks of them. The SDK's are imported there. */
const latchkey = "declare const latchkey: import('@latchkey/sdk-server').Latchkey;";
const io = "declare const io: import('socket.io').Server;";
const pool = "declare const pool: import('pg').Pool;";

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
    declare function show(...told: unknown[]): void;
    declare function listBookings(from: typeof db, userId: string): Promise<string[]>;
  `,
  'docs/build/idempotency.md': `
    ${latchkey} ${io} ${pool}
    declare const order: import('zod').ZodType<{ amount: number }>;
    declare const transfer: (this: import('@latchkey/sdk-server/api').CallContext<import('@latchkey/sdk-server/transaction').PgTransaction>, params: { amount: number }) => Promise<null>;
  `,
  'docs/build/events.md': `
    ${latchkey} ${io} ${pool}
    declare const log: import('@latchkey/sdk-server').Logger;
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
  'sdk-server/README.md': '',
};
