/** Web Storage, or an object with the same synchronous methods. All tabs of a session must share it. */
export type TokenStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** An opened storage. `flush` resolves after everything is written. Without it a write is done when `setItem` returns. */
export type OpenedStorage = TokenStorage & { flush?(): Promise<void> };

/** A storage that is opened asynchronously, such as that of `createAsyncStorage`. It belongs to one page or one app. */
export interface StorageProvider {
  /** Reads the entries whose names begin with `prefix`. */
  open(prefix: string): Promise<OpenedStorage>;
}
