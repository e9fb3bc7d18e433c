/** By this field of a form with a password, password managers find the account. */
export function HiddenUsername({ email }: { readonly email: string }) {
  return <input type="email" name="username" autocomplete="username" hidden readonly value={email} />;
}
