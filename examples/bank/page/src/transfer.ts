import { bindForm } from './form.ts';
import { parseCents } from './money.ts';

/** Sends a transfer. Attempts of one transfer have the same idempotency key, so it is booked once. */
type SendTransfer = (order: { to: number; amount: number }, idempotencyKey: string) => Promise<unknown>;

interface TransferForm {
  /** Fills in the number of the account to pay. */
  pay(number: number): void;
}

/**
 * The transfer form. A transfer has one idempotency key from its first attempt to its answer, so a second press or a retry
 * after a lost answer does not book it twice. Changing a field starts another transfer.
 */
export function createTransferForm(send: SendTransfer): TransferForm {
  let key = crypto.randomUUID();
  const renew = () => {
    key = crypto.randomUUID();
  };
  const form = bindForm({
    id: 'transfer-form',
    submitting: 'Sending…',
    validate: (field, value) =>
      field === 'to'
        ? validateAccountNumber(value.trim())
        : parseCents(value) === undefined
          ? invalidAmount
          : undefined,
    async send({ to = '', amount = '' }) {
      await send({ to: Number(to), amount: parseCents(amount) ?? 0 }, key);
      renew();
      form.node.reset();
      form.input('to').focus();
    },
  });
  form.node.addEventListener('input', renew);
  return Object.freeze<TransferForm>({
    pay(number) {
      form.input('to').value = String(number);
      form.showError('to');
      renew();
      form.input('amount').focus();
    },
  });
}

const invalidAmount = 'Enter an amount, such as 12.50.';

function validateAccountNumber(value: string): string | undefined {
  if (value === '') return 'Enter the number of an account.';
  return /^\d{1,9}$/.test(value) ? undefined : 'An account has a number, such as 1001.';
}
