import { element, setText } from '../element.ts';
import { sentenceOfError } from '../words.ts';

/** The place that says what became of something the operator did. */
interface Outcome {
  readonly node: HTMLElement;
  /** Runs it and shows the sentence it resolves with, or the error in words. False after an error. */
  attempt(perform: () => Promise<string>): Promise<boolean>;
}

export function createOutcome(): Outcome {
  const news = element('p', { class: 'news', role: 'status', 'data-testid': 'news' });
  const alert = element('p', { class: 'form-error', role: 'alert' });
  return Object.freeze({
    node: element('div', { class: 'outcome' }, news, alert),
    async attempt(perform: () => Promise<string>) {
      setText(alert, '');
      try {
        setText(news, await perform());
        return true;
      } catch (error) {
        setText(news, '');
        setText(alert, sentenceOfError(error));
        return false;
      }
    },
  });
}
