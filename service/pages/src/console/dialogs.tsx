import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Form, type FormProps, type Values } from '../components/form.tsx';
import { words } from '../words/words.ts';

interface DialogOptions {
  readonly title: string;
  readonly render: (close: () => void) => ComponentChildren;
  readonly onClose?: () => void;
  /** Only its own buttons close it. */
  readonly isPersistent?: boolean;
}

interface ConfirmOptions {
  readonly title: string;
  /** What the action does, and to what. */
  readonly message: string;
  /** The label of the button that confirms. */
  readonly confirmLabel: string;
}

interface FormDialogOptions<Answer> extends Omit<FormProps, 'send' | 'secondaryAction'> {
  readonly title: string;
  readonly lead?: string;
  readonly send: (values: Values) => Promise<Answer>;
  /** Runs once the dialog is closed, and the focus is back where it was. */
  readonly onSent: (values: Values, answer: Answer) => void;
}

/** A dialog in the page. One that is opened again is another one, also before the end of the first was reported. */
interface OpenDialog extends DialogOptions {
  readonly id: number;
}

const opened = signal<readonly OpenDialog[]>([]);
let lastId = 0;

/** Shows a modal dialog; the keyboard stays in it, Escape closes it, and the focus goes back where it was. */
export function openDialog(dialog: DialogOptions): void {
  lastId += 1;
  opened.value = [...opened.peek(), { ...dialog, id: lastId }];
}

export function closeDialogs(): void {
  opened.value = [];
}

/** Asks for a confirmation. Resolves with false when the user cancels. */
export function confirmAction({ title, message, confirmLabel }: ConfirmOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const render = (close: () => void) => (
      <>
        <p>{message}</p>
        <p class="actions">
          <button type="button" onClick={close}>
            {words().page.cancel}
          </button>
          <button
            type="button"
            class="danger"
            data-testid="confirm"
            onClick={() => {
              resolve(true);
              close();
            }}
          >
            {confirmLabel}
          </button>
        </p>
      </>
    );
    openDialog({ title, render, onClose: () => resolve(false) });
  });
}

/** Shows a form in a dialog, which closes once the form was sent. */
export function openForm<Answer>({ title, lead, send, onSent, ...form }: FormDialogOptions<Answer>): void {
  const render = (close: () => void) => {
    const cancel = (
      <button type="button" onClick={close}>
        {words().page.cancel}
      </button>
    );
    const sendAndClose = async (values: Values): Promise<void> => {
      const answer = await send(values);
      close();
      onSent(values, answer);
    };
    return (
      <>
        {lead !== undefined && <p class="hint">{lead}</p>}
        <Form {...form} secondaryAction={cancel} send={sendAndClose} />
      </>
    );
  };
  openDialog({ title, render });
}

/** The dialogs that are open. */
export function Dialogs() {
  return opened.value.map((dialog) => <Dialog key={dialog.id} dialog={dialog} />);
}

function Dialog({ dialog }: { readonly dialog: OpenDialog }) {
  const { title, render, onClose, isPersistent = false } = dialog;
  const node = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => node.current?.showModal(), []);
  return (
    <dialog
      ref={node}
      class="card"
      aria-label={title}
      {...(isPersistent ? { closedby: 'none', onCancel: (event: Event) => event.preventDefault() } : {})}
      onClose={() => {
        opened.value = opened.peek().filter((other) => other !== dialog);
        onClose?.();
      }}
    >
      <h2>{title}</h2>
      {render(() => node.current?.close())}
    </dialog>
  );
}
