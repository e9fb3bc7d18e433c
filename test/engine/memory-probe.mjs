/** Loaded before a program under test (`--expose-gc --import`): writes its live memory, in bytes, at each SIGUSR2. */
process.on('SIGUSR2', () => {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`live memory: ${heapUsed + external}\n`);
});
