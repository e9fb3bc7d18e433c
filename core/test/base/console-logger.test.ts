import { expect } from 'chai';
import { createConsoleLogger } from '../../src/base/console-logger.ts';

describe('createConsoleLogger', () => {
  it('writes one line, with the message of an error among its fields', () => {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    const log = createConsoleLogger({ warn: write, error: write });
    log.warn({ setting: 'origins' }, 'refused');
    log.error({ err: new TypeError('no such column') }, 'a listener failed');
    expect(lines[0]).to.equal('latchkey: refused {"setting":"origins"}');
    expect(lines[1]).to.match(
      /^latchkey: a listener failed \{"err":\{"type":"TypeError","message":"no such column","stack":"TypeError/,
    );
    expect(lines[1]).not.to.contain('\n');
  });
});
