import { Failure } from '@latchkey/contract';
import { backendPayloadSchemas, parseInput } from '@latchkey/contract/schemas';
import { expect } from 'chai';
import { z } from 'zod';

function detailsOf(schema: z.ZodType, input: unknown): unknown {
  try {
    parseInput(schema, input);
  } catch (error) {
    if (error instanceof Failure) return error.details;
    throw error;
  }
  return 'accepted';
}

const messageOf = (schema: z.ZodType, value: unknown) =>
  (
    detailsOf(z.strictObject({ field: schema }), value === undefined ? {} : { field: value }) as [{ message: string }]
  )[0].message;

describe('parseInput', () => {
  it('says what an invalid field has to be', () => {
    const messages = [
      [z.string(), undefined, 'is missing'],
      [z.string(), 5, 'has to be a text'],
      [z.int(), 1.5, 'has to be a whole number'],
      [z.boolean(), 'yes', 'has to be true or false'],
      [z.array(z.string()), {}, 'has to be a list'],
      [z.strictObject({}), [], 'has to be an object'],
      [z.enum(['off', 'optional']), 'on', 'has to be off or optional'],
      [z.literal('S256'), 'plain', 'has to be S256'],
      [z.uuid(), 'x', 'has to be a UUID'],
      [z.int().min(1), 0, 'has to be at least 1'],
      [z.number().max(100), 101, 'has to be at most 100'],
      [z.string().min(3), '', 'has to have at least 3 characters'],
      [z.string().max(2), 'abc', 'has to have at most 2 characters'],
      [z.array(z.int()).max(1), [1, 2], 'has to have at most 1 entries'],
      [z.string().regex(/^a$/), 'b', 'has a wrong shape'],
      [z.string().refine((value) => value === 'a', 'has to be a'), 'b', 'has to be a'],
    ] as const;
    for (const [schema, value, message] of messages) expect(messageOf(schema, value)).equal(message);
  });

  it('names the nearest known key for an unknown one', () => {
    const known = { limit: z.string().optional(), cursor: z.string().optional() };
    const message = 'unknown key, did you mean limit?';
    const schemas = [
      z.strictObject(known),
      z.strictObject(known).refine(() => true),
      z.preprocess((value) => value, z.strictObject(known)),
      z.strictObject(known).transform(() => 1),
    ];
    for (const schema of schemas) expect(detailsOf(schema, { Limits: '1' })).eql([{ path: 'Limits', message }]);
    expect(detailsOf(z.strictObject({}), { limit: 1 })).eql([{ path: 'limit', message: 'unknown key' }]);
  });

  it('reports the branch of a union that fits best', () => {
    const union = z.union([
      z.strictObject({ ticket: z.string() }),
      z.strictObject({ ticket: z.string(), email: z.string() }),
    ]);
    expect(detailsOf(union, { ticket: 5, email: 'a' })).eql([{ path: 'ticket', message: 'has to be a text' }]);
    expect(detailsOf(union, { ticket: 't', emial: 'a' })).deep.include({
      path: 'emial',
      message: 'unknown key, did you mean email?',
    });
  });

  it('says what a field of a backend has to be', () => {
    const counts = [['x', 1]];
    expect(detailsOf(backendPayloadSchemas.presence, { counts })).eql([
      { path: 'counts.0.0', message: 'has to be a UUID' },
    ]);
    expect(detailsOf(backendPayloadSchemas.sessions, { sid: [] })).eql([
      { path: 'sids', message: 'is missing' },
      { path: 'sid', message: 'unknown key, did you mean sids?' },
    ]);
  });

  it('repeats no value, and ten fields at most', () => {
    const input = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`key${i}`, 'k9-secret']));
    const details = detailsOf(z.strictObject({ a: z.literal('a') }), { ...input, a: 'k9-secret' });
    expect(details).length(10);
    expect(JSON.stringify(details)).not.include('k9-secret');
  });
});
