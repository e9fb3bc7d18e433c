import { expect } from 'chai';
import { readArguments, UsageError } from '../src/arguments.ts';

describe('the arguments of create-latchkey', () => {
  it('name a folder, and perhaps one of tarballs', () => {
    expect(readArguments(['app'])).to.deep.equal({ kind: 'create', folder: 'app', packages: undefined });
    const expected = { kind: 'create', folder: 'app', packages: 'out' };
    expect(readArguments(['app', '--packages', 'out'])).to.deep.equal(expected);
    expect(readArguments(['--packages=out', 'app'])).to.deep.equal(expected);
  });

  it('ask for help or the version, without a folder', () => {
    for (const flag of ['--help', '-h']) expect(readArguments([flag])).to.deep.equal({ kind: 'help' });
    for (const flag of ['--version', '-v']) expect(readArguments([flag])).to.deep.equal({ kind: 'version' });
  });

  it('are refused without a folder, with two, with an unknown option and with an empty value', () => {
    for (const [args, message] of [
      [[], 'Name the folder'],
      [[''], 'Name the folder'],
      [['a', 'b'], 'but 2 are named'],
      [['app', '--tarballs', 'out'], '--tarballs'],
      [['app', '--packages'], 'packages'],
      [['app', '--packages='], '--packages needs a folder'],
    ] as const)
      expect(() => readArguments(args), args.join(' ')).to.throw(UsageError, message);
  });
});
