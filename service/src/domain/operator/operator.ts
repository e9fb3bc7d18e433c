/** What the rows of a session and its user say of an operator. */
export type OperatorStatus = 'operator' | 'no_operator' | 'ended';

/** How long the invitation of the first operator can be used, in hours. */
export const inviteTtlHours = 24;
