/** Writes a sentence for the developer on the console, once for each `subject`. */
export type Advise = (subject: string, sentence: string) => void;

/** What goes wrong without an error is on the console of the browser, with the option or setting that changes it. */
export function createAdvice(): Advise {
  const given = new Set<string>();
  return (subject, sentence) => {
    if (given.has(subject)) return;
    given.add(subject);
    console.warn(`Latchkey: ${sentence}`);
  };
}
