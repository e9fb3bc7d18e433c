import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { parseArguments, splitList } from '../../src/cli/parse-arguments.ts';

const parse = (line: string) => parseArguments(line.split(' '), ['tenant', 'scopes']);

describe('parseArguments', () => {
  for (const line of [
    'create Bank --tenant acme --scopes relay,feed',
    'create --tenant=acme --scopes=relay,feed Bank',
    '--scopes relay,feed create Bank --tenant acme',
  ])
    it(`reads ${line}`, () => {
      expect(parse(line)).to.deep.equal({
        positionals: ['create', 'Bank'],
        options: { tenant: 'acme', scopes: 'relay,feed' },
      });
    });

  for (const [line, message] of [
    ['create Bank --tenants acme', 'There is no option --tenants. Did you mean --tenant?'],
    ['create Bank -t acme', 'There is no option -t.'],
    ['create Bank --tenant', '--tenant needs a value.'],
    ['create Bank --tenant --scopes relay', '--tenant needs a value.'],
    ['create Bank --tenant a --tenant b', '--tenant is there twice.'],
  ] as const)
    it(`refuses ${line}`, () => {
      expect(() => parse(line))
        .to.throw(Failure)
        .with.property('message')
        .that.contains(message);
    });
});

describe('parseArguments with flags', () => {
  const parseFlags = (line: string) => parseArguments(line.split(' '), ['tenant'], ['dry-run']);

  it('reads a flag anywhere, and no value of it', () => {
    for (const line of ['file --dry-run --tenant acme', '--dry-run file --tenant acme', '--tenant acme --dry-run file'])
      expect(parseFlags(line)).to.deep.equal({ positionals: ['file'], options: { tenant: 'acme', 'dry-run': 'true' } });
    expect(() => parseFlags('file --dry-run=no')).to.throw('--dry-run takes no value.');
    expect(() => parseFlags('file --dry-run --dry-run')).to.throw('--dry-run is there twice.');
    expect(() => parseFlags('file --dry')).to.throw('There is no option --dry. Did you mean --dry-run?');
  });
});

describe('splitList', () => {
  it('splits at commas and spaces', () => {
    expect(splitList('relay, feed,limits  admin,')).to.deep.equal(['relay', 'feed', 'limits', 'admin']);
  });
});
