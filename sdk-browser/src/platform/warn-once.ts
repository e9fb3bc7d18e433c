/** Writes a sentence for the developer on the console, once for each `subject`. */
export type WarnOnce = (subject: string, sentence: string) => void;

/** What goes wrong without an error is on the console of the browser, with the option or setting that changes it. */
export function createWarnOnce(): WarnOnce {
  const warned = new Set<string>();
  return (subject, sentence) => {
    if (warned.has(subject)) return;
    warned.add(subject);
    console.warn(`Latchkey: ${sentence}`);
  };
}
