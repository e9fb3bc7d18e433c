/** Runs what is not ours; a throw and a rejection end in `caught`. */
export function safely(act: () => unknown, onError: (error: unknown) => void): void {
  try {
    Promise.resolve(act()).catch(onError);
  } catch (error) {
    onError(error);
  }
}
