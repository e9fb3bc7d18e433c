import { fail, toFailure } from '../platform/fail.ts';

/** Returns a callback that settles a promise with an acknowledgement of any shape. A timeout rejects with `unavailable`. */
export function settleWithAck<Good>(
  resolve: (answer: Good) => void,
  reject: (why: Error) => void,
): (error: Error | null, answer?: unknown) => void {
  return (cause, answer) => {
    const { ok, error } = Object(answer) as { ok?: unknown; error?: unknown };
    if (cause !== null) reject(fail('unavailable', { cause }));
    else if (ok === true) resolve(answer as Good);
    else reject(toFailure(error));
  };
}
