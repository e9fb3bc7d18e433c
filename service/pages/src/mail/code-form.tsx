import { Form, type FormProps } from '../components/form.tsx';
import type { TextFieldOptions } from '../components/text-field.tsx';

interface CodeFormProps extends Pick<FormProps, 'submit' | 'submitting' | 'fieldOfCode' | 'fieldOfPath' | 'messages'> {
  /** Begins the ids of its inputs. */
  readonly prefix: string;
  /** Fields beside the code. */
  readonly further?: readonly TextFieldOptions[];
  readonly send: (code: string, values: Readonly<Record<string, string>>) => Promise<unknown>;
}

const codeField: TextFieldOptions = {
  name: 'code',
  label: 'Code',
  type: 'code',
  autocomplete: 'one-time-code',
  missing: 'Enter the six digits of the mail.',
};

/** A form for the six digits of a mail. */
export function CodeForm({ prefix, further = [], fieldOfCode, fieldOfPath, messages, send, ...labels }: CodeFormProps) {
  return (
    <Form
      {...labels}
      prefix={prefix}
      autofocus
      fields={[codeField, ...further]}
      fieldOfCode={{ mail_code_wrong: 'code', link_invalid: 'code', ...fieldOfCode }}
      fieldOfPath={{ code: 'code', ...fieldOfPath }}
      messages={{
        mail_code_wrong: 'This code is wrong. Look at the newest mail.',
        link_invalid: 'This code is not valid any more. Send the mail again, and use the code of the new one.',
        ...messages,
      }}
      send={async ({ code = '', ...values }) => {
        await send(code.replaceAll(/\s/g, ''), values);
      }}
    />
  );
}
