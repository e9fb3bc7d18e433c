import { element, setText } from '../element.ts';
import { errorMessage } from '../messages.ts';

/** The place that says what became of something the operator did. */
interface ResultMessage {
  readonly node: HTMLElement;
  /** Runs it and shows the sentence it resolves with, or the error in words. False after an error. */
  run(perform: () => Promise<string>): Promise<boolean>;
}

export function createResultMessage(): ResultMessage {
  const status = element('p', { class: 'news', role: 'status', 'data-testid': 'news' });
  const alert = element('p', { class: 'form-error', role: 'alert' });
  return Object.freeze({
    node: element('div', { class: 'outcome' }, status, alert),
    async run(perform: () => Promise<string>) {
      setText(alert, '');
      try {
        setText(status, await perform());
        return true;
      } catch (error) {
        setText(status, '');
        setText(alert, errorMessage(error));
        return false;
      }
    },
  });
}
