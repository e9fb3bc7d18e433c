import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { onEachDatabase } from '../databases.ts';
import { challenge, type Fixture, openFixture, password, peer } from './fixture.ts';

const allowed = 'https://app.example/back';

onEachDatabase('a code for an app', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await openFixture(database(), { env: { LATCHKEY_APP_URLS: allowed } });
  });
  afterEach(() => fixture.stop());

  const enter = async (verb: 'register' | 'login', app: string) => {
    const { email } = verb === 'login' ? await fixture.register() : { email: `${randomUUID()}@example.org` };
    return fixture.flows[verb]({ email, password, codeChallenge: challenge, app, state: 'a&b' }, peer);
  };

  it('is in the fragment of exactly the listed URL', async () => {
    for (const verb of ['register', 'login'] as const) {
      const { url } = (await enter(verb, allowed)) as { url: string };
      expect(url).to.match(/^https:\/\/app\.example\/back#code=[\w.-]+&state=a%26b&iss=http%3A%2F%2Flocalhost%3A4000$/);
    }
  });

  it('is not issued for a URL that only resembles a listed one', async () => {
    const others = [
      ...[`${allowed}/`, `${allowed}?x=1`, `${allowed}#x`, `${allowed}.evil.test`, ` ${allowed}`],
      ...[
        'https://app.example',
        'https://APP.example/back',
        'https://app.example:443/back',
        'https://app.example/b%61ck',
      ],
      ...[
        'https://evil.test/https://app.example/back',
        'https://app.example@evil.test/back',
        'http://app.example/back',
      ],
    ];
    for (const verb of ['register', 'login'] as const)
      for (const other of others) expect(await codeOf(enter(verb, other)), other).to.equal('invalid_request');
  });

  it('is returned with a URL of the hook appUrl when one app is allowed, in any spelling', async () => {
    const hooks = { appUrl: (code: string) => `https://app.example/#${code}` };
    for (const [urls, isThere] of [
      ['https://App.example', true],
      ['https://app.example https://other.example', false],
    ] as const) {
      const other = await openFixture(database(), { env: { LATCHKEY_APP_URLS: urls }, hooks });
      const { email } = await other.register();
      const answer = await other.flows.login({ email, password, codeChallenge: challenge }, peer);
      expect('url' in answer, urls).to.equal(isThere);
      await other.stop();
    }
  });
});
