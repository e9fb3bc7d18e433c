/** The type that the compiler names for a value that JSON loses. No value has this type. */
export interface NotInJson {
  readonly '~notInJson': never;
}

/** Types for which `JSON.stringify` throws, omits the value or writes `{}`. */
type LostInJson =
  | bigint
  | symbol
  | ((...args: never) => unknown)
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | WeakMap<WeakKey, unknown>
  | WeakSet<WeakKey>
  | RegExp
  | Error;

interface HasToJson<Written> {
  toJSON(key?: string): Written;
}

/** Sent by Socket.IO beside the JSON. */
type Bytes = ArrayBuffer | ArrayBufferView;

// biome-ignore lint/suspicious/noConfusingVoidType: the answer of a handler without `return`
type NoValue = undefined | void;
type Plain = string | number | boolean | null | NoValue;

type Checked<T, Refused> = unknown extends T
  ? T
  : T extends Plain | Bytes
    ? T
    : T extends Refused
      ? NotInJson
      : T extends HasToJson<unknown>
        ? T
        : { [K in keyof T]: Checked<T[K], Refused> };

/** `T` with {@link NotInJson} in place of each part that JSON loses: `Map`, `Set`, `bigint`, functions. */
export type Encodable<T> = Checked<T, LostInJson>;

/** `T` with {@link NotInJson} in place of each part that does not arrive as the type that was sent: also `Date`. */
export type Verbatim<T> = Checked<T, LostInJson | HasToJson<unknown>>;

/** `unknown` for a type that is {@link Verbatim}, and otherwise {@link NotInJson}: `listener & IfVerbatim<Payload>`. */
export type IfVerbatim<T> = [T] extends [Verbatim<T>] ? unknown : NotInJson;

/**
 * The type that arrives when a `T` is sent as JSON. `Date` and `URL` arrive as `string`, `undefined` in an array as `null`,
 * bytes as `ArrayBuffer`.
 *
 * @example
 * type Row = Json<{ at: Date }>; // { at: string }
 */
export type Json<T> = unknown extends T
  ? T
  : T extends Plain
    ? T
    : T extends Bytes
      ? ArrayBuffer
      : T extends LostInJson
        ? never
        : T extends HasToJson<infer Written>
          ? Json<Written>
          : T extends readonly unknown[]
            ? { [I in keyof T]: JsonElement<T[I]> }
            : { [K in keyof T as K extends symbol ? never : K]: Json<T[K]> };

/** {@link Json} of an answer or of an element of an array: `undefined` arrives as `null`. */
export type JsonElement<T> = Json<Exclude<T, NoValue>> | (undefined extends T ? null : never);
