/** In place of a function that the test does not let anything call. @throws Error always */
export function notCalled(): never {
  throw new Error('This function must not be called.');
}
