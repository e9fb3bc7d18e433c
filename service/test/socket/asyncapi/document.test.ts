import { createRequire } from 'node:module';
import {
  adminEvents,
  backendCalls,
  backendPushes,
  errors,
  events,
  fail,
  toWireError,
  usersEvents,
} from '@latchkey/contract';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { describeSockets } from '../../../src/socket/asyncapi/document.ts';

interface Reference {
  readonly $ref: string;
}
interface Operation {
  readonly action: 'receive' | 'send';
  readonly messages: readonly Reference[];
  readonly reply?: { readonly messages: readonly Reference[] };
}
interface AsyncApi {
  readonly channels: Readonly<Record<string, { readonly messages: Readonly<Record<string, { payload: object }>> }>>;
  readonly operations: Readonly<Record<string, Operation>>;
}

const document = JSON.parse(JSON.stringify(describeSockets({ publicUrl: 'https://id.test' }))) as AsyncApi;
const specification = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;

function createAjv(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  return ajv;
}

/** Events of a channel that the service receives or sends, without the packets of Socket.IO itself. */
const eventsOf = (channel: string, action: Operation['action']) =>
  Object.entries(document.operations)
    .filter(([name, operation]) => name.startsWith(`${channel}.`) && operation.action === action)
    .map(([name]) => name.slice(channel.length + 1))
    .filter((event) => !event.startsWith('connect'));

/** The value at a JSON pointer. */
function resolve(pointer: string): unknown {
  const steps = pointer.slice('#/'.length).split('/');
  return steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], document);
}

/** The check of a payload of a channel. */
function validatorOf(channel: string, message: string): (payload: unknown) => boolean {
  const ajv = createAjv();
  ajv.addSchema(document, 'document');
  const validate = ajv.compile({ $ref: `document#/channels/${channel}/messages/${message}/payload` });
  return (payload) => validate(payload) as boolean;
}

describe('the AsyncAPI document', () => {
  it('is valid', () => {
    const validate = createAjv().compile(specification);
    validate(document);
    expect(validate.errors ?? []).eql([]);
  });

  it('refers to nothing that it does not have', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, pointer]) => pointer!);
    expect(references).to.not.have.length(0);
    expect(references.filter((pointer) => resolve(pointer) === undefined)).eql([]);
  });

  it('has every event of the contract, and no other', () => {
    const { authenticate, refresh, activity, logout, ...sent } = events;
    expect(eventsOf('browsers', 'receive')).to.have.members([authenticate, refresh, activity, logout]);
    expect(eventsOf('browsers', 'send')).to.have.members(Object.values(sent));
    expect(eventsOf('operators', 'receive')).to.have.members([adminEvents.subscribe]);
    expect(eventsOf('operators', 'send')).to.have.members([adminEvents.update, adminEvents.unsubscribed]);
    expect(eventsOf('users', 'receive')).to.have.members([usersEvents.subscribe, usersEvents.unsubscribe]);
    expect(eventsOf('users', 'send')).to.have.members([usersEvents.changed, usersEvents.unsubscribed]);
    expect(eventsOf('backends', 'receive')).to.have.members(Object.values(backendCalls));
    expect(eventsOf('backends', 'send')).to.have.members(Object.values(backendPushes));
  });

  it('has an acknowledgement where the contract has one', () => {
    const acknowledged = Object.entries(document.operations).filter(([, { reply }]) => reply !== undefined);
    expect(acknowledged.map(([name]) => name)).to.have.members([
      ...['browsers.refresh', 'browsers.logout', 'browsers.authenticated'],
      ...['operators.admin_subscribe', 'users.users_subscribe'],
      ...Object.values(backendCalls).map((name) => `backends.${name}`),
    ]);
  });

  it('accepts what the service sends, and refuses what is no error of the contract', () => {
    const unauthorized = validatorOf('browsers', 'unauthorized');
    for (const code of Object.keys(errors) as (keyof typeof errors)[])
      expect(unauthorized(toWireError(fail(code), 'id')), code).equal(true);
    expect(unauthorized({ code: 'no_such_code', message: '', retryable: false })).equal(false);
  });

  it('accepts either a session token or a payload at a logout, and refuses unknown members', () => {
    const logout = validatorOf('browsers', 'logout');
    expect(logout('token')).equal(true);
    expect(logout({ scope: 'all' })).equal(true);
    expect(logout({ scope: 'every' })).equal(false);
    expect(logout({ other: 1 })).equal(false);
  });
});
