/** Text of a thrown value that is no `Error`. Never `[object Object]`. */
export function thrownText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { name, message } = value as { readonly name?: unknown; readonly message?: unknown };
  if (typeof message === 'string' && message !== '') return typeof name === 'string' ? `${name}: ${message}` : message;
  return toJson(value) ?? (typeof name === 'string' ? name : 'an object without a message');
}

function toJson(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** What a thrown value says of itself: the message of an error, else the value as text. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message || error.name : thrownText(error);
}
