import { fail, reservedClaims } from '@latchkey/contract';
import { expect } from 'chai';
import sinon from 'sinon';
import { codeOf } from '../../../test-kit/codes.ts';
import type { User } from '../../src/domain/user/user.ts';
import type { HookFunctions, HookName } from '../../src/hook/hook.ts';
import { createHooks, hookNames } from '../../src/hook/hooks.ts';
import { maxClaimsBytes } from '../../src/hook/result-schemas.ts';

const user = { id: 'u1', tenantId: 'default', profile: { name: 'Ann' } } as unknown as User;
const attempt = { email: 'ann@example.org', password: 'correct horse', tenantId: 'default' };
const registration = { ...attempt, profile: {} };
const question = { tenant: undefined, email: 'ann@example.org', address: null };
const context = { user, app: 'https://app.example/in', state: 'a b&c', issuer: 'https://id.example' };
const fact = { user, sessionId: 's1', address: null, userAgent: null };
const mailToRender = { template: 'test', locale: null, tenant: { id: 'acme', name: 'Acme' }, data: {} } as const;
const outgoing = { to: 'ann@example.org', subject: 's', text: 't', html: 'h', messageId: '<1@id.example>' };
const sign = async (payload: object) => `signed ${JSON.stringify(payload)}`;

describe('createHooks', () => {
  let timers: { ms: number; task: () => void; cancelled: boolean }[];
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    after(ms: number, task: () => void) {
      const timer = { ms, task, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  };
  const onFailure = sinon.stub();
  const withHooks = (given: HookFunctions) => createHooks(given, { clock, onFailure });
  const calls = (given: HookFunctions): Record<HookName, () => Promise<unknown>> => {
    const hooks = withHooks(given);
    return {
      claim: () => hooks.claim(user),
      scopes: () => hooks.scopes!(user),
      findUserByCredentials: () => hooks.findUserByCredentials!(attempt),
      register: () => hooks.register(registration),
      getTenantId: () => hooks.getTenantId(question),
      appUrl: () => hooks.appUrl('CODE', context),
      authorization: () => hooks.authorization({ sub: 'u1' }, sign),
      refresh: () => hooks.refresh({ sub: 'u1' }, sign),
      onLogin: () => hooks.onLogin(fact),
      renderMail: () => hooks.renderMail!(mailToRender),
      sendMail: () => hooks.sendMail!(outgoing),
    };
  };
  const returning = (name: HookName, value: unknown) => calls({ [name]: () => value } as HookFunctions)[name]();

  beforeEach(() => {
    timers = [];
    onFailure.reset();
  });

  describe('without hooks', () => {
    it('uses the behavior of the service, without a timer', async () => {
      const hooks = withHooks({});
      expect(await hooks.claim(user)).to.deep.equal({});
      expect(hooks.scopes).to.equal(undefined);
      expect(hooks.findUserByCredentials).to.equal(undefined);
      expect(await hooks.register(registration)).to.equal(undefined);
      expect(await hooks.getTenantId(question)).to.equal('default');
      expect(await hooks.getTenantId({ ...question, tenant: 'acme' })).to.equal('acme');
      expect(await hooks.authorization({ sub: 'u1' }, sign)).to.equal('signed {"sub":"u1"}');
      expect(await hooks.refresh({ sub: 'u1' }, sign)).to.equal('signed {"sub":"u1"}');
      expect(await hooks.onLogin(fact)).to.equal(undefined);
      expect(hooks).to.be.frozen;
      expect(timers).to.deep.equal([]);
    });

    const iss = 'iss=https%3A%2F%2Fid.example';
    it('returns a URL with code, state and issuer in the fragment', async () => {
      const hooks = withHooks({});
      expect(await hooks.appUrl('CODE', context)).to.equal(`https://app.example/in#code=CODE&state=a+b%26c&${iss}`);
      expect(await hooks.appUrl('CODE', { ...context, state: undefined })).to.equal(
        `https://app.example/in#code=CODE&${iss}`,
      );
    });
  });

  it('throws for an unknown name and for a hook that is no function', () => {
    expect(() => withHooks({ claims: () => ({}) } as never)).to.throw(
      TypeError,
      'claims is not a hook; hooks are claim,',
    );
    expect(() => withHooks({ claim: {} } as never)).to.throw(TypeError, 'claim has to be a function');
  });

  describe('each hook but onLogin', () => {
    for (const name of hookNames.filter((each) => each !== 'onLogin')) {
      const whenLate = name === 'claim' ? 'internal_error' : 'unavailable';
      it(`${name}: rejects with ${whenLate} after 3 s, and is reported`, async () => {
        const waiting = codeOf(returning(name, new Promise(() => {})));
        await Promise.resolve();
        expect(timers.map(({ ms }) => ms)).to.deep.equal([3_000]);
        timers[0]!.task();
        expect(await waiting).to.equal(whenLate);
        sinon.assert.calledOnceWithExactly(onFailure, 'hook_timeout', name, `hook ${name} took longer than 3000 ms`);
      });

      it(`${name}: rejects with ${whenLate} when its own database is unavailable`, async () => {
        const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
        expect(await codeOf(returning(name, Promise.reject(refused)))).to.equal(whenLate);
        sinon.assert.calledOnceWithExactly(onFailure, 'hook_failed', name, refused);
      });

      it(`${name}: rejects with its own Failure, with internal_error for another error, and has no timer afterwards`, async () => {
        const throwing = (error: unknown) =>
          calls({
            [name]: () => {
              throw error;
            },
          } as HookFunctions)[name]();
        expect(await codeOf(throwing(fail('forbidden')))).to.equal('forbidden');
        sinon.assert.notCalled(onFailure);
        const cause = new Error('their database');
        const failure = (await throwing(cause).catch((error: unknown) => error)) as Error;
        expect(failure).to.include({ code: 'internal_error', cause });
        expect(failure.message).not.to.contain('their database');
        sinon.assert.calledOnceWithExactly(onFailure, 'hook_failed', name, cause);
        expect(timers.every(({ cancelled }) => cancelled)).to.equal(true);
      });

      // Of sendMail there is no result.
      if (name === 'sendMail') continue;
      it(`${name}: rejects an invalid result with internal_error`, async () => {
        // No scope at all is an answer.
        for (const value of [42, name === 'scopes' ? [''] : [], Symbol('x'), ''])
          expect(await codeOf(returning(name, value))).to.equal('internal_error');
        expect(onFailure.args.map(([trouble, hook]) => [trouble, hook])).to.deep.equal(
          Array(4).fill(['hook_result_invalid', name]),
        );
      });
    }
  });

  describe('claim', () => {
    it('returns claims without reserved names', async () => {
      const stolen = Object.fromEntries(reservedClaims.map((name) => [name, 'x']));
      expect(await returning('claim', { ...stolen, roles: ['a'] })).to.deep.equal({ roles: ['a'] });
    });

    it('accepts plain JSON of at most 4 KB', async () => {
      const sized = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });
      expect(await returning('claim', sized(maxClaimsBytes))).to.have.property('a');
      const circular: Record<string, unknown> = {};
      circular.self = circular;
      const bad = [
        sized(maxClaimsBytes + 1),
        { a: () => 1 },
        { a: 1n },
        { a: new Date() },
        { a: Number.NaN },
        { a: 'x\0' },
        { a: '\ud800' },
        circular,
      ];
      for (const value of bad) expect(await codeOf(returning('claim', value))).to.equal('internal_error');
    });

    it('does not change the prototype by __proto__', async () => {
      const claims = (await returning('claim', JSON.parse('{"__proto__":{"admin":true},"b":1}'))) as Record<
        string,
        unknown
      >;
      expect(claims.admin).to.equal(undefined);
      expect(({} as Record<string, unknown>).admin).to.equal(undefined);
    });
  });

  describe('findUserByCredentials and register', () => {
    const found = { externalId: 'crm-7', email: 'ann@crm.example', profile: { name: 'Ann' } };

    it('accept the user, null, or undefined', async () => {
      expect(await returning('findUserByCredentials', found)).to.deep.equal(found);
      expect(await returning('findUserByCredentials', null)).to.equal(null);
      expect(await returning('register', found)).to.deep.equal(found);
      expect(await returning('register', undefined)).to.equal(undefined);
    });

    it('refuse unknown members, and text the database cannot store', async () => {
      for (const change of [
        { operator: true },
        { externalId: '' },
        { externalId: 7 },
        { email: 'a\0b' },
        { profile: { a: '\0' } },
        { profile: { a: 'x'.repeat(20_000) } },
      ])
        expect(await codeOf(returning('findUserByCredentials', { ...found, ...change }))).to.equal('internal_error');
      expect(await codeOf(returning('findUserByCredentials', undefined))).to.equal('internal_error');
    });

    it('close registration when there is findUserByCredentials without register', async () => {
      const hooks = withHooks({ findUserByCredentials: () => null });
      expect(await codeOf(hooks.register(registration))).to.equal('registration_closed');
    });

    it('require a user from register when there is findUserByCredentials', async () => {
      const hooks = withHooks({ findUserByCredentials: () => null, register: () => undefined });
      expect(await codeOf(hooks.register(registration))).to.equal('internal_error');
    });
  });

  describe('getTenantId', () => {
    it('accepts an id of the right shape only', async () => {
      expect(await returning('getTenantId', 'acme-1')).to.equal('acme-1');
      for (const id of ['Acme', '-a', 'a b', 'a\0', 'a'.repeat(64)])
        expect(await codeOf(returning('getTenantId', id))).to.equal('internal_error');
    });
  });

  describe('appUrl', () => {
    for (const url of [
      'https://app.example/#CODE',
      'com.example.app:/in#code=CODE',
      'https://app.example/?x=1#/in?code=CODE',
    ])
      it(`accepts ${url}`, async () => expect(await returning('appUrl', url)).to.equal(url));

    for (const url of [
      'https://app.example/?code=CODE',
      'https://app.example/CODE#x',
      'https://CODE@app.example/',
      'https://app.example/?c=%43ODE',
      'javascript:alert(1)#CODE',
      'data:text/html,x',
      '/in#CODE',
      '',
    ])
      it(`refuses ${url}`, async () => expect(await codeOf(returning('appUrl', url))).to.equal('internal_error'));
  });

  for (const name of ['authorization', 'refresh'] as const) {
    describe(name, () => {
      const shape = (hook: HookFunctions[typeof name]) =>
        withHooks({ [name]: hook })[name]({ sub: 'u1', exp: 9, roles: ['own'] }, sign);

      it('adds claims, but replaces neither the payload nor reserved names', async () => {
        const signed = await shape((payload, signing) =>
          signing({ ...payload, sub: 'u2', roles: [], cnf: 1, jkt: 'x', plan: 'gold' }),
        );
        expect(JSON.parse(signed.slice('signed '.length))).to.deep.equal({
          plan: 'gold',
          sub: 'u1',
          exp: 9,
          roles: ['own'],
        });
      });

      it('cannot remove claims or change the payload in place', async () => {
        const signed = await shape((payload, signing) => {
          (payload.roles as string[]).push('root');
          return signing({});
        });
        expect(signed).to.equal('signed {"sub":"u1","exp":9,"roles":["own"]}');
      });

      it('accepts claims and an earlier exp in its own token, for the same payload only', async () => {
        const readHostToken = (token: string) => (token.startsWith('{') ? JSON.parse(token) : undefined);
        const own = (hook: HookFunctions[typeof name]) =>
          createHooks({ [name]: hook }, { clock, onFailure, readHostToken })[name](
            { sub: 'u1', exp: 9, roles: ['own'] },
            sign,
          );
        const signed = await own((payload) => JSON.stringify({ ...payload, exp: 5, plan: 'gold', jkt: 'x' }));
        expect(JSON.parse(signed.slice('signed '.length))).to.deep.equal({
          plan: 'gold',
          sub: 'u1',
          exp: 5,
          roles: ['own'],
        });
        for (const change of [{ sub: 'u2' }, { roles: undefined }]) {
          expect(await codeOf(own((payload) => JSON.stringify({ ...payload, ...change })))).to.equal('internal_error');
          expect(onFailure.lastCall.args[2]).to.match(/lacks or changes (sub|roles) of its payload/);
        }
      });

      it('refuses an exp that is not after iat', async () => {
        const shapeAt = (payload: object, exp: number) =>
          withHooks({ [name]: (given: object, signing: (claims: object) => string) => signing({ ...given, exp }) })[
            name
          ]({ sub: 'u1', ...payload }, sign);
        for (const payload of [{ iat: 7 }, { auth_time: 7 }, { auth_time: 3, iat: 7 }]) {
          expect(await codeOf(shapeAt(payload, 7))).to.equal('internal_error');
          expect(onFailure.lastCall.args[2]).to.match(/has set exp to a time that is over/);
          expect(await shapeAt(payload, 8)).to.include('"exp":8');
        }
      });

      it('refuses a token that sign did not return in this call, and additions of more than 4 KB', async () => {
        const earlier = await shape((payload, signing) => signing(payload));
        expect(await codeOf(shape(() => earlier))).to.equal('internal_error');
        expect(onFailure.lastCall.args[2]).to.match(/has to return what sign\(\) gave, or a JWT/);
        expect(await codeOf(shape((payload, signing) => signing({ ...payload, big: 'x'.repeat(5_000) })))).to.equal(
          'internal_error',
        );
      });
    });
  }

  describe('onLogin', () => {
    it('logs its failure and sends it to no client', async () => {
      const cause = new Error('mail');
      await withHooks({ onLogin: () => Promise.reject(cause) }).onLogin(fact);
      sinon.assert.calledOnceWithExactly(onFailure, 'hook_failed', 'onLogin', cause);
    });

    it('resolves after its timeout', async () => {
      const waiting = withHooks({ onLogin: () => new Promise(() => {}) }).onLogin(fact);
      await Promise.resolve();
      timers[0]!.task();
      await waiting;
      expect(onFailure.firstCall.args.slice(0, 2)).to.deep.equal(['hook_timeout', 'onLogin']);
    });
  });
});
