import { expect } from 'chai';
import { describeConnectionProblem } from '../../src/connection/describe-connection-problem.ts';

describe('describeConnectionProblem', () => {
  const names: Readonly<Record<string, readonly string[]>> = {
    no_websocket: ['LATCHKEY_LONG_POLLING', 'longPolling', 'HTTP'],
    origin_refused: ['the origin of this page', 'LATCHKEY_ALLOWED_ORIGINS', 'origins of socketServe'],
    not_a_service: ['url and socketUrl'],
    connection_refused: ['middleware'],
  };
  for (const [reason, words] of Object.entries(names)) {
    it(`returns a message with the server and what to change for ${reason}`, () => {
      const line = describeConnectionProblem('https://id.test', {
        reason: reason as 'no_websocket',
        message: 'why',
      });
      for (const word of ['https://id.test', 'why', ...words]) expect(line).to.include(word);
    });
  }
});
