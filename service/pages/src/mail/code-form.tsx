import { Form, type FormProps } from '../components/form.tsx';
import type { TextFieldOptions } from '../components/text-field.tsx';
import { words } from '../words/words.ts';

interface CodeFormProps extends Pick<FormProps, 'submit' | 'submitting' | 'fieldOfCode' | 'fieldOfPath' | 'messages'> {
  /** Begins the ids of its inputs. */
  readonly prefix: string;
  /** Fields beside the code. */
  readonly further?: readonly TextFieldOptions[];
  readonly send: (code: string, values: Readonly<Record<string, string>>) => Promise<unknown>;
}

function codeField(): TextFieldOptions {
  const { code, codeMissing } = words().field;
  return { name: 'code', label: code, type: 'code', autocomplete: 'one-time-code', missing: codeMissing };
}

/** A form for the six digits of a mail. */
export function CodeForm({ prefix, further = [], fieldOfCode, fieldOfPath, messages, send, ...labels }: CodeFormProps) {
  return (
    <Form
      {...labels}
      prefix={prefix}
      autofocus
      fields={[codeField(), ...further]}
      fieldOfCode={{ mail_code_wrong: 'code', link_invalid: 'code', ...fieldOfCode }}
      fieldOfPath={{ code: 'code', ...fieldOfPath }}
      messages={{
        mail_code_wrong: words().field.codeWrong,
        link_invalid: words().field.codeEnded,
        ...messages,
      }}
      send={async ({ code = '', ...values }) => {
        await send(code.replaceAll(/\s/g, ''), values);
      }}
    />
  );
}
