import type { AccessScheme, ErrorCode } from '@latchkey/contract';
import type Koa from 'koa';

/** State of a request, shared by middleware. */
export interface State {
  requestId: string;
  /** The route's pattern, such as `/sessions/:id`: what the log shows instead of the raw URL. */
  route?: string;
  /** Why the request was refused. */
  code?: ErrorCode;
  /** The route is guarded by an access token. */
  bearer?: boolean;
  /** How an access token was shown, good or not. */
  presentedScheme?: AccessScheme | undefined;
}

export type Context = Koa.ParameterizedContext<State>;
export type Middleware = Koa.Middleware<State>;
