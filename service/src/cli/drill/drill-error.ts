/** Why a drill could not be carried out. */
export class DrillError extends Error {
  override readonly name = 'DrillError';
}
