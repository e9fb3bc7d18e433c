/**
 * The part of Standard Schema v1 (https://standardschema.dev) that is needed to validate: zod, valibot, arktype and
 * others fit it as they are.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** Result of a Standard Schema: the parsed value or the issues. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** An invalid value that a Standard Schema reports. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const maxIssues = 20;
const maxTextLength = 200;

/** The errors of a value by field, as they may be sent to the client. */
export function toDetails(issues: readonly StandardIssue[]): { path: string; message: string }[] {
  return issues.slice(0, maxIssues).map(({ path = [], message }) => ({
    path: path
      .map((step) => String(typeof step === 'object' ? step.key : step))
      .join('.')
      .slice(0, maxTextLength),
    message: message.slice(0, maxTextLength),
  }));
}
