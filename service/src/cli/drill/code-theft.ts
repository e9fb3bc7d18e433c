import { describeOutcome, openSession, presentUntilFinal } from './browser.ts';
import { newPkce, newRotationKey } from './client-secrets.ts';
import type { Drill } from './drill.ts';
import { expectEnded } from './token-theft.ts';

/** A code is copied on its way to the browser, and used before and after it. */
export const codeTheft: Drill = {
  name: 'code-theft',
  description: 'A copied code is used without its verifier, and once more after it was redeemed.',
  async run(context) {
    const { instance, done, expect } = context;
    const user = await instance.register();
    const login = await user.login();
    done('a user signs in; a thief copies the code before the browser redeems it');

    const guesses = [{ code_verifier: newPkce().verifier }, {}];
    for (const guess of guesses) {
      const outcome = await presentUntilFinal(instance, {
        code: login.code,
        ...guess,
        rotation_key: newRotationKey(),
      });
      const what = 'code_verifier' in guess ? 'with another verifier' : 'without a verifier';
      expect(`the code is refused ${what}`, outcome.grant === undefined, describeOutcome(outcome));
      outcome.browser.close();
    }

    const owner = await openSession(instance, login);
    done('the browser of the user redeems the code: the attempts of the thief did not use it up');

    const again = await presentUntilFinal(instance, { token: login.code, code_verifier: login.code_verifier });
    expect(
      'a code that was redeemed is refused, even with its verifier',
      again.code === 'code_used',
      describeOutcome(again),
    );
    again.browser.close();
    await expectEnded(context, owner, 'code_used');
    owner.browser.close();
  },
};
