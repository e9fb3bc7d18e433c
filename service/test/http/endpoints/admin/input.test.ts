import { randomUUID } from 'node:crypto';
import { adminPaths } from '@latchkey/contract';
import { expect } from 'chai';
import type { AdminFlows } from '../../../../src/flow/flows.ts';
import { bearer, call, openTestApp, type TestApp } from '../../test-app.ts';

const { overview, tenants, users, sessions, backends, keys, audit, invitations } = adminPaths;
const id = randomUUID();

const asked: string[] = [];
/** Allows every caller, records each call and answers nothing of use. */
const scripted = new Proxy({} as AdminFlows, {
  get: (_nothing, name: string) => async () => {
    if (name === 'authorize') return { userId: null, backendId: 'b', tenantId: null, addressPrefix: null };
    asked.push(name);
    throw new Error('reached');
  },
});

const tenantChange = {
  ...{ name: 'Bank', registration_open: true, max_active_minutes: 5, max_idle_minutes: null },
  ...{ email_verification: 'required', email_sign_in: true, password_min_length: 12, max_sessions: 5 },
  ...{ session_limit: 'refuse', allowed_domains: ['example.org'], locale: 'de' },
};

const writtenOfUser = {
  ...{ locale: 'de', user_metadata: { a: 1 }, app_metadata: { roles: ['teller'] } },
  ...{ email_verified: true, password_change_required: false },
};

/** Changes that take a body, with one that is good. */
const changes: Readonly<
  Record<string, { method: string; body: Record<string, unknown>; required: readonly string[] }>
> = {
  [tenants]: {
    method: 'POST',
    body: { id: 'bank', ...tenantChange },
    required: ['id', 'name'],
  },
  [`${tenants}/bank`]: {
    method: 'PATCH',
    body: tenantChange,
    required: [],
  },
  [users]: {
    method: 'POST',
    body: { tenant_id: 'bank', email: 'ann@x.org', password: 'quiet lamps burn', ...writtenOfUser },
    required: ['tenant_id', 'email'],
  },
  [`${users}/${id}`]: {
    method: 'PATCH',
    body: { disabled: true, operator: false, picture: 'https://a.test/p', email: 'ann@x.org', ...writtenOfUser },
    required: [],
  },
  [`${users}/${id}/password/reset`]: { method: 'POST', body: {}, required: [] },
  [`${tenants}/bank/brand`]: {
    method: 'PUT',
    body: { name: 'Bank', colour: '#1f4fd8', logo: 'aaaa' },
    required: [],
  },
  [`${users}/${id}`]: { method: 'PATCH', body: { disabled: true, operator: false }, required: [] },
  [`${users}/import`]: {
    method: 'POST',
    body: { tenant_id: 'bank', users: [{ email: 'a@x.org' }], dry_run: true, allow_weak_hashes: false },
    required: ['users'],
  },
  [`${users}/${id}/claims`]: { method: 'POST', body: {}, required: [] },
  [backends]: {
    method: 'POST',
    body: { id: 'app', name: 'App', tenant_id: null, scopes: ['relay'], origins: ['https://a.test'] },
    required: ['name'],
  },
  [invitations]: {
    method: 'POST',
    body: {
      ...{ tenant_id: 'bank', email: 'ann@x.org', name: 'Ann', operator: false, send: true },
      app_metadata: { roles: ['teller'] },
    },
    required: ['tenant_id', 'email'],
  },
  [`${backends}/app/rotate`]: { method: 'POST', body: {}, required: [] },
  [`${keys}/rotate`]: { method: 'POST', body: {}, required: [] },
};

const nullable = new Set([
  ...['max_active_minutes', 'max_idle_minutes', 'tenant_id'],
  ...['password_min_length', 'max_sessions', 'locale', 'picture', 'user_metadata'],
  ...['password_min_length', 'max_sessions', 'locale', 'logo'],
]);
const strings = ['', 'a\0b', 'a\ud800b', 'x'.repeat(301)];
const wrongOf: Readonly<Record<string, readonly unknown[]>> = {
  name: [5, true, [], {}, null, ...strings],
  id: [5, true, [], {}, null, ...strings],
  colour: [5, true, [], {}, null, ...strings],
  logo: [5, true, [], {}, 'x'.repeat(90_001)],
  tenant_id: [5, true, [], {}, ...strings],
  registration_open: [5, 'true', [], {}, null],
  disabled: [5, 'true', [], {}, null],
  users: [5, 'a', {}, null, [], Array(501).fill(0)],
  dry_run: [5, 'true', [], {}, null],
  allow_weak_hashes: [5, 'true', [], {}, null],
  operator: [5, 'true', [], {}, null],
  max_active_minutes: ['5', true, [], {}, 1.5],
  max_idle_minutes: ['5', true, [], {}, 1.5],
  email_verification: [5, 'on', true, null],
  email_sign_in: [5, 'true', [], {}, null],
  password_min_length: ['5', true, [], {}, 1.5],
  max_sessions: ['5', true, [], {}, 1.5],
  session_limit: [5, 'none', true, null],
  allowed_domains: [5, 'example.org', {}, null, [5], [null], Array(101).fill('example.org')],
  locale: [5, true, [], {}, ...strings],
  picture: [5, true, [], {}, ...strings.slice(0, 3), 'x'.repeat(2_049)],
  password: [5, true, [], {}, null, '', 'a\0b', 'x'.repeat(1_025)],
  user_metadata: [5, 'true', [], { constructor: 1 }],
  email_verified: [5, 'true', [], {}, null],
  password_change_required: [5, 'true', [], {}, null],
  email: [5, true, [], {}, null, ...strings],
  send: [5, 'true', [], {}, null],
  app_metadata: [5, 'true', [], null, { constructor: 1 }],
  scopes: [5, 'relay', {}, null, [5], [null], Array(11).fill('relay')],
  origins: [5, 'https://a.test', {}, null, [5], Array(51).fill('https://a.test')],
};

const lists = [tenants, users, sessions, backends, audit, invitations];

/** Questions that no list takes. */
const strangeQuestions = [
  ...['limit=0', 'limit=101', 'limit=-1', 'limit=1.5', 'limit=x', 'limit=', 'limit=5&limit=6', 'limit[]=5'],
  ...['cursor=', 'cursor=%00', 'cursor=a b', `cursor=${'x'.repeat(129)}`, 'cursor=a&cursor=b'],
  ...['offset=5', '__proto__=1', 'constructor=1', 'tenant=a&tenant=b'],
];

describe('invalid input at /admin', () => {
  let app: TestApp;
  before(async () => {
    app = await openTestApp({}, { admin: scripted });
  });
  beforeEach(() => {
    asked.length = 0;
  });
  after(() => app.close());

  async function refused(method: string, path: string, body?: unknown): Promise<void> {
    const answer = await call(app, method, path, body, { 'content-type': 'application/json', ...bearer });
    expect(answer.json.code, `${method} ${path} ${JSON.stringify(body)}: ${answer.text}`).equal('invalid_request');
    expect(asked).deep.equal([]);
  }

  /** The request passes the guard, and gets to the flow. */
  async function reaches(method: string, path: string, body?: unknown): Promise<void> {
    const answer = await call(app, method, path, body, bearer);
    expect(answer.json.code, answer.text).equal('internal_error');
    expect(asked.splice(0)).length(1);
  }

  for (const [path, { method, body, required }] of Object.entries(changes))
    describe(`${method} ${path.replace(id, ':id')}`, () => {
      it('accepts valid input', () => reaches(method, path, body));

      it('refuses missing fields, wrong types, and unknown fields', async () => {
        for (const field of required) {
          const { [field]: _, ...rest } = body;
          await refused(method, path, rest);
        }
        for (const field of Object.keys(body))
          for (const wrong of wrongOf[field]!) await refused(method, path, { ...body, [field]: wrong });
        for (const field of Object.keys(body).filter((name) => nullable.has(name) && !required.includes(name)))
          await reaches(method, path, { ...body, [field]: null });
        await refused(method, path, { ...body, extra: 1 });
        await refused(
          method,
          path,
          `{"__proto__":{"x":1}${JSON.stringify(body).length > 2 ? ',' : ''}${JSON.stringify(body).slice(1)}`,
        );
        await refused(method, path, []);
      });
    });

  it('refuses an empty change', async () => {
    await refused('PATCH', `${users}/${id}`, {});
    await refused('PATCH', `${tenants}/bank`, {});
  });

  for (const path of lists) {
    it(`GET ${path}: refuses invalid queries`, async () => {
      for (const question of strangeQuestions) await refused('GET', `${path}?${question}`);
    });

    it(`GET ${path}: accepts a limit from 1 to 100`, async () => {
      for (const question of ['', '?limit=1', '?limit=100', '?limit=5&cursor=abc'])
        await reaches('GET', path + question);
    });
  }

  it('refuses filters of a wrong type', async () => {
    for (const path of [sessions, audit]) await refused('GET', `${path}?user=x`);
    for (const flag of ['operator', 'disabled']) await refused('GET', `${users}?${flag}=yes`);
    await refused('GET', `${sessions}?online=1`);
    for (const field of ['email', 'search']) await refused('GET', `${users}?${field}=%00`);
    // Years of five digits, and the year 0, which a database has no spelling of this kind for.
    const unstorable = ['from=0000-01-01T00:00:00Z', 'to=9999-12-31T23:59:59-23:59'];
    for (const bad of ['session=x', 'from=yesterday', 'to=2026-01-01', 'from=2026-01-01T00:00:00', ...unstorable])
      await refused('GET', `${audit}?${bad}`);
    await reaches('GET', `${audit}?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00%2B01:00&session=${id}`);
    await refused('GET', `${audit}?action=${'x'.repeat(65)}`);
  });

  it('refuses malformed ids', async () => {
    for (const bad of ['x', '1', "'%20OR%201=1", 'a'.repeat(2_000)])
      for (const path of [users, sessions]) await refused('GET', `${path}/${bad}`);
    await refused('GET', `${tenants}/${'a'.repeat(64)}`);
    for (const path of [backends, tenants]) await refused('DELETE', `${path}/${'a'.repeat(64)}`);
    await refused('DELETE', `${users}/x`);
  });

  it('refuses a credential that cannot be read', async () => {
    for (const authorization of [
      '',
      'Basic',
      'Basic %%%',
      `Basic ${btoa('no colon')}`,
      'Bearer',
      'Digest x',
      'Bearer a b',
    ]) {
      const answer = await call(app, 'GET', overview, undefined, authorization === '' ? {} : { authorization });
      expect(answer.json.code, authorization).equal('unauthenticated');
      expect(answer.status).equal(401);
      expect(answer.headers.get('www-authenticate')).not.equal(null);
    }
    expect(asked).deep.equal([]);
  });
});
