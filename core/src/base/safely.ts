/** Calls a function of the app. Passes what it throws, or its rejection, to `onError`. */
export function safely(act: () => unknown, onError: (error: unknown) => void): void {
  try {
    Promise.resolve(act()).catch(onError);
  } catch (error) {
    onError(error);
  }
}
