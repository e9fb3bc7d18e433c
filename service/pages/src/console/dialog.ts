import { type Child, element } from '../element.ts';
import { createForm, type FormOptions } from '../form.ts';
import { createButton } from './button.ts';

/** Shows a modal dialog; the keyboard stays in it, Escape closes it, and the focus goes back where it was. */
export function openDialog(title: string, ...content: readonly Child[]): HTMLDialogElement {
  const node = element(
    'dialog',
    { class: 'card', 'aria-label': title, onclose: () => node.remove() },
    element('h2', {}, title),
    ...content,
  );
  document.body.append(node);
  node.showModal();
  return node;
}

export interface Question {
  readonly title: string;
  /** What is going to happen, and to whom. */
  readonly sentence: string;
  /** The word on the button that does it. */
  readonly yes: string;
}

/** Asks before something that cannot be undone. */
export function confirm({ title, sentence, yes }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const close = (answer: boolean): void => {
      resolve(answer);
      dialog.close();
    };
    const dialog = openDialog(
      title,
      element('p', {}, sentence),
      element(
        'p',
        { class: 'actions' },
        createButton('Cancel', () => close(false), { autofocus: true }),
        createButton(yes, () => close(true), { class: 'danger', 'data-testid': 'confirm' }),
      ),
    );
    dialog.addEventListener('close', () => resolve(false));
  });
}

interface DialogForm<Answer> extends Omit<FormOptions, 'send' | 'beside'> {
  readonly title: string;
  readonly lead?: string;
  readonly send: (values: Values) => Promise<Answer>;
  /** Runs once the dialog is closed, and the focus is back where it was. */
  readonly sent: (values: Values, answer: Answer) => void;
}

type Values = Readonly<Record<string, string>>;

/** Shows a form; closes once it was sent. */
export function openForm<Answer>({ title, lead, ...options }: DialogForm<Answer>): void {
  const form = createForm({
    ...options,
    beside: createButton('Cancel', () => dialog.close()),
    async send(values) {
      const answer = await options.send(values);
      dialog.close();
      options.sent(values, answer);
    },
  });
  const dialog = openDialog(title, lead === undefined ? undefined : element('p', { class: 'hint' }, lead), form.node);
}
