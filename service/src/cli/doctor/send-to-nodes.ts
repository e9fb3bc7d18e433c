/** A load balancer sends them to several nodes. */
const requests = 4;

/** Sends requests to the public URL, one after the other, because one answer is of one node alone. */
export async function sendToNodes<T>(send: () => Promise<T>): Promise<readonly T[]> {
  const answers: T[] = [];
  while (answers.length < requests) answers.push(await send());
  return answers;
}
