/** Something the user can mend; the message is the one line that is printed. */
export class UserError extends Error {
  override name = 'UserError';
}
