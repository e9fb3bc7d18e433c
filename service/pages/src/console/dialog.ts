import { type ElementChild, element } from '../element.ts';
import { createForm, type FormOptions } from '../form.ts';
import { createButton } from './button.ts';

/** Shows a modal dialog; the keyboard stays in it, Escape closes it, and the focus goes back where it was. */
export function openDialog(title: string, ...content: readonly ElementChild[]): HTMLDialogElement {
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

export interface ConfirmOptions {
  readonly title: string;
  /** What is going to happen, and to whom. */
  readonly message: string;
  /** The word on the button that does it. */
  readonly confirmLabel: string;
}

/** Asks before something that cannot be undone. */
export function confirmAction({ title, message, confirmLabel }: ConfirmOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const close = (answer: boolean): void => {
      resolve(answer);
      dialog.close();
    };
    const dialog = openDialog(
      title,
      element('p', {}, message),
      element(
        'p',
        { class: 'actions' },
        createButton('Cancel', () => close(false), { autofocus: true }),
        createButton(confirmLabel, () => close(true), { class: 'danger', 'data-testid': 'confirm' }),
      ),
    );
    dialog.addEventListener('close', () => resolve(false));
  });
}

interface DialogFormOptions<Answer> extends Omit<FormOptions, 'send' | 'beside'> {
  readonly title: string;
  readonly lead?: string;
  readonly send: (values: Values) => Promise<Answer>;
  /** Runs once the dialog is closed, and the focus is back where it was. */
  readonly onSent: (values: Values, answer: Answer) => void;
}

type Values = Readonly<Record<string, string>>;

/** Shows a form; closes once it was sent. */
export function openForm<Answer>({ title, lead, ...options }: DialogFormOptions<Answer>): void {
  const form = createForm({
    ...options,
    secondaryAction: createButton('Cancel', () => dialog.close()),
    async send(values) {
      const answer = await options.send(values);
      dialog.close();
      options.onSent(values, answer);
    },
  });
  const dialog = openDialog(title, lead === undefined ? undefined : element('p', { class: 'hint' }, lead), form.node);
}
