import type { Encodable, HasApiCalls, IfVerbatim, JsonElement, Verbatim } from '@latchkey/contract';
import type { CallContext } from './call-context.ts';
import type { CallRouteOptions } from './route.ts';
import type { StandardSchema } from './standard-schema.ts';

type Handler<Transaction, Params, Answer> = (
  this: CallContext<Transaction>,
  params: Params,
  call: CallContext<Transaction>,
) => Answer;

/** What a handler may return: a value that JSON carries, or a promise of one. */
type Sent<Answer> = Answer &
  (Answer extends PromiseLike<infer Value> ? PromiseLike<Encodable<Value>> : Encodable<Answer>);
type SchemaOf<Input, Params> = StandardSchema<Input & Verbatim<Input>, Params>;

type AnswerOf<Answer> = JsonElement<Awaited<Answer>>;
type With<Calls, Name extends string, Params, Result> = Calls & {
  readonly [K in Name]: { readonly params: Params; readonly result: Result };
};

/**
 * An api's calls; each `on` returns the same router, which then knows one call more. `Beside`: what else it carries.
 *
 * Params and answers travel as JSON. A client's type of an answer is {@link Json} of what the handler returns: a `Date` arrives
 * as a string. The compiler refuses an answer with a `Map`, a `Set`, a `bigint` or a function, and params with one of these or
 * a `Date`; a schema may take a string and make a `Date` of it: `z.coerce.date<string>()`.
 */
export interface ApiRouter<Calls = Record<never, never>, Transaction = never, Beside = unknown>
  extends HasApiCalls<Calls> {
  on<Name extends string, Input, Params, Answer, Output>(
    name: Name,
    options: CallRouteOptions<Transaction> & {
      readonly input: SchemaOf<Input, Params>;
      readonly output: StandardSchema<Answer, Output & Encodable<Output>>;
    },
    handler: Handler<Transaction, Params, Answer | Promise<Answer>>,
  ): ApiRouter<With<Calls, Name, Input, AnswerOf<Output>>, Transaction, Beside> & Beside;
  on<Name extends string, Input, Params, Answer>(
    name: Name,
    options: CallRouteOptions<Transaction> & { readonly input: SchemaOf<Input, Params>; readonly output?: never },
    handler: Handler<Transaction, Params, Sent<Answer>>,
  ): ApiRouter<With<Calls, Name, Input, AnswerOf<Answer>>, Transaction, Beside> & Beside;
  /** Without a schema nothing is known of `params`: what a type says about them is the caller's word. */
  on<Name extends string, Params, Answer>(
    name: Name,
    handler: Handler<Transaction, Params, Sent<Answer>> & IfVerbatim<Params>,
  ): ApiRouter<With<Calls, Name, Params, AnswerOf<Answer>>, Transaction, Beside> & Beside;
  /** Takes no more calls from sockets that connect from now on. */
  close(): void;
}
