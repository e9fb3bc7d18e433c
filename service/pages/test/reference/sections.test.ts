import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { AsyncApi, OpenApi } from '../../src/reference/documents.ts';
import { labelOf } from '../../src/reference/schema-label.ts';
import { filterSections, httpSections, socketSections } from '../../src/reference/sections.ts';

const read = (name: string) => JSON.parse(readFileSync(`docs/reference/${name}.json`, 'utf8')) as unknown;

describe('the sections of the reference', () => {
  const openApi = read('openapi') as OpenApi;
  const asyncApi = read('asyncapi') as AsyncApi;
  const http = httpSections(openApi);
  const sockets = socketSections(asyncApi);
  const entryOf = (id: string) => [...http, ...sockets].flatMap(({ entries }) => entries).find((one) => one.id === id)!;

  it('have each operation of HTTP once, under its tag', () => {
    const count = Object.values(openApi.paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
    expect(http.map(({ title }) => title)).eql(openApi.tags.map(({ name }) => name));
    expect(new Set(http.flatMap(({ entries }) => entries.map(({ id }) => id))).size).equal(count);
  });

  it('have each event of the sockets once, under its channel', () => {
    expect(sockets.flatMap(({ entries }) => entries.map(({ id }) => id))).to.have.members(
      Object.keys(asyncApi.operations),
    );
    expect(entryOf('backends.subscribe')).to.include({ kind: 'client', name: 'subscribe' });
    expect(entryOf('browsers.logged_out').kind).equal('server');
  });

  it('show security, parameters, body and each status of an operation', () => {
    const titles = entryOf('DELETE /sessions/{id}').parts.map(({ title }) => title);
    expect(titles).eql(['Security', 'Parameters', '200', '400', '401', '404', '500', '503']);
    const [security, parameters] = entryOf('DELETE /sessions/{id}').parts;
    expect(security!.text).equal('`accessToken` or `boundAccessToken`');
    expect(parameters!.schema!.required).eql(['id']);
    expect(entryOf('POST /oauth/token').parts[1]!.text).include('application/x-www-form-urlencoded');
  });

  it('show the acknowledgement of an event', () => {
    expect(entryOf('browsers.refresh').parts.map(({ title }) => title)).eql(['Payload', 'Acknowledgement']);
    expect(entryOf('backends.keys_changed').parts.map(({ title }) => title)).eql(['Payload']);
  });

  it('are narrowed by a text, without regard to case', () => {
    const found = filterSections(http, ' delete /SESSIONS');
    expect(found.flatMap(({ entries }) => entries.map(({ id }) => id))).eql(['DELETE /sessions/{id}']);
    expect(filterSections(http, 'no such operation')).eql([]);
  });
});

describe('labelOf', () => {
  it('states type, format and bounds of a value', () => {
    expect(labelOf({ type: ['string', 'null'], maxLength: 1_024 })).equal('string or null, at most 1,024 characters');
    expect(labelOf({ type: 'string', format: 'uuid' })).equal('string, uuid');
    expect(labelOf({ type: 'array', items: { $ref: '#/components/schemas/RotationKey' }, maxItems: 3 })).equal(
      'array of RotationKey, at most 3 items',
    );
    expect(labelOf({ enum: ['a', 'b'] })).equal('"a" or "b"');
    expect(labelOf({ const: 'S256' })).equal('"S256"');
  });
});
