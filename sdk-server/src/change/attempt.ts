/** Runs what is not ours; a throw and a rejection end in `caught`. */
export function attempt(act: () => unknown, caught: (error: unknown) => void): void {
  try {
    Promise.resolve(act()).catch(caught);
  } catch (error) {
    caught(error);
  }
}
