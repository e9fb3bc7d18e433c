/** Something of Node's that keeps the process alive unless told not to. */
interface Handle {
  ref(): unknown;
  unref(): unknown;
}

/**
 * Lets go of a child's handles, so that a test that forgot to stop it cannot keep mocha from ending. The function it
 * returns takes hold of them again while an answer is awaited.
 */
export function letGo(handles: readonly Handle[]): <T>(work: () => Promise<T>) => Promise<T> {
  let holders = 0;
  for (const handle of handles) handle.unref();
  return async (work) => {
    holders += 1;
    for (const handle of handles) handle.ref();
    return work().finally(() => {
      holders -= 1;
      if (holders === 0) for (const handle of handles) handle.unref();
    });
  };
}
