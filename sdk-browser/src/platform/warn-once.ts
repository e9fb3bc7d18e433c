/** Writes a warning for developers to the console, once for each `subject`. */
export type WarnOnce = (subject: string, sentence: string) => void;

/** Creates the warnings of a session: problems that cause no error, with the option or setting that changes them. */
export function createWarnOnce(): WarnOnce {
  const warned = new Set<string>();
  return (subject, sentence) => {
    if (warned.has(subject)) return;
    warned.add(subject);
    console.warn(`Latchkey: ${sentence}`);
  };
}
