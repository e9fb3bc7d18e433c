import { expect } from 'chai';
import pg from 'pg';
import { createConfig } from '../../src/config/config.ts';
import { validateDatabaseUrl } from '../../src/config/database-url.ts';

const secret = 'hunter2secret';

describe('validateDatabaseUrl', () => {
  const bad: Record<string, [string, RegExp]> = {
    'a # in the password': [`postgres://app:${secret}#x@db/app`, /%23/],
    'a / in the password': [`postgres://app:${secret}/x@db/app`, /%2F/],
    'a ? in the password': [`postgres://app:${secret}?x@db/app`, /%3F/],
    'a space in the password': [`postgres://app:${secret} x@db/app`, /spaces/],
    'several hosts': [`postgres://app:${secret}@db1:1,db2:2/app`, /several hosts/],
    'several hosts in the query': [`postgres://app:${secret}@/app?host=db1,db2`, /several hosts/],
    'a port above 65535': [`postgres://app:${secret}@db:99999/app`, /port from 1 to 65535/],
    'a port that is no number': [`postgres://app:${secret}@db:x/app`, /port from 1 to 65535/],
    'another scheme': [`mysql://app:${secret}@db/app`, /postgres:\/\//],
  };
  for (const [name, [url, sentence]] of Object.entries(bad))
    it(`refuses ${name}, and quotes no part of the URL`, () => {
      expect(validateDatabaseUrl(url)).to.match(sentence).and.not.contain('hunter2');
      expect(() => createConfig({ DATABASE_URL: url }))
        .to.throw(/^DATABASE_URL /)
        .with.property('message')
        .that.does.not.contain('hunter2');
    });

  const good: Record<string, [string, Partial<pg.ClientConfig>]> = {
    'percent encoding': [
      'postgres://app:a%23b%2Fc%3Fd%40e@db:5433/app',
      { host: 'db', port: 5433, password: 'a#b/c?d@e' },
    ],
    'characters that are not reserved': ['postgres://app:a:b!$&*=@db/app', { host: 'db', password: 'a:b!$&*=' }],
    'an @ in the password': ['postgres://app:a@b@db/app', { host: 'db', password: 'a@b' }],
    'IPv6 in brackets': ['postgres://app@[::1]:5433/app', { host: '::1', port: 5433 }],
    'a Unix socket in the query': ['postgres://app:pw@/app?host=/run/postgresql', { host: '/run/postgresql' }],
    'a Unix socket without a user': ['postgresql:///app?host=/run/postgresql', { host: '/run/postgresql' }],
    'a Unix socket as host': [
      'postgres://app:pw@%2Frun%2Fpostgresql/app',
      { host: '/run/postgresql', database: 'app' },
    ],
    'an option with an @': ['postgres://db/app?application_name=a@b', { host: 'db' }],
  };
  for (const [name, [url, read]] of Object.entries(good))
    it(`accepts ${name} as the driver reads it`, () => {
      expect(validateDatabaseUrl(url)).to.equal(undefined);
      const { host, port, database = '' } = new pg.Client({ connectionString: url });
      const { password } = new pg.Client({ connectionString: url }) as unknown as { password: string | null };
      expect({ host, port, database, password }).to.include(read);
    });
});
