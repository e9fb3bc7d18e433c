import { useSignal } from '@preact/signals';
import type { FieldProps } from './text-field.tsx';

export interface ImageFieldOptions {
  readonly type: 'image';
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** Media types that can be chosen. */
  readonly accept: string;
}

/** A file. The value is its bytes as base64, empty while none is chosen. */
export function ImageField({ id, field: { name, label, hint, accept }, error }: FieldProps<ImageFieldOptions>) {
  const value = useSignal('');
  const read = async (file: File | undefined): Promise<void> => {
    value.value = file === undefined ? '' : toBase64(new Uint8Array(await file.arrayBuffer()));
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="file"
        accept={accept}
        data-testid={name}
        aria-describedby={`${id}-hint ${id}-error`}
        aria-invalid={error !== undefined}
        onChange={(event) => void read(event.currentTarget.files?.[0])}
      />
      <input type="hidden" name={name} value={value.value} />
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
      <p class="field-error" id={`${id}-error`} role="alert">
        {error}
      </p>
    </div>
  );
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
