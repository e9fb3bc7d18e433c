/** SQLSTATE of a statement that ran into `statement_timeout`. */
const queryCanceled = '57014';

function errorCode(error: object): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** True when the patience for the database is used up already: trying again at once would double the wait. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && (errorCode(error) === queryCanceled || /timeout/i.test(error.message));
}
