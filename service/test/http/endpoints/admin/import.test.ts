import { adminPaths } from '@latchkey/contract';
import { expect } from 'chai';
import { RepeatedMember } from '../../../../src/base/repeated-members.ts';
import type { AdminFlows } from '../../../../src/flow/flows.ts';
import { bearer, call, openTestApp, type TestApp } from '../../test-app.ts';

describe('POST /admin/users/import', () => {
  let app: TestApp;
  let rows: readonly unknown[] | undefined;
  before(async () => {
    const admin = {
      authorize: async () => ({ userId: null, backendId: 'b', tenantId: null, addressPrefix: null }),
      importUsers: async (_actor: unknown, input: { readonly rows: readonly unknown[] }) => {
        rows = input.rows;
        return { outcomes: [], created: 0, exists: 0, invalid: 0 };
      },
    };
    app = await openTestApp({}, { admin: admin as unknown as AdminFlows });
  });
  beforeEach(() => {
    rows = undefined;
  });
  after(() => app.close());

  const send = (body: string) =>
    call(app, 'POST', `${adminPaths.users}/import`, body, { 'content-type': 'application/json', ...bearer });

  it('marks each user with a member twice, and hands over the others', async () => {
    const users = ['{"email":"a","email":"b","email":"c"}', '{"email":"d"}', '5', '{"profile":[{"x":1,"x":1}]}'];
    expect((await send(`{"users":[${users}],"dry_run":true}`)).status).to.equal(200);
    const marked = new RepeatedMember(['email']);
    expect(rows).to.deep.equal([marked, { email: 'd' }, 5, new RepeatedMember(['profile', 0, 'x'])]);
    expect(rows![0]).to.be.instanceOf(RepeatedMember);
  });

  it('refuses a body that has a list twice, or another member', async () => {
    for (const body of [
      '{"users":[{"email":"a"}],"users":[{"email":"b"}]}',
      '{"users":[{"email":"a","email":"b"}],"users":5}',
      '{"dry_run":true,"dry_run":false,"users":[{"email":"a"}]}',
    ]) {
      expect((await send(body)).json, body).to.include({ code: 'invalid_request' });
      expect(rows).to.equal(undefined);
    }
  });
});
