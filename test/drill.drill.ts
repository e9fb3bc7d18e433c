import { expect } from 'chai';
import pg from 'pg';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';

interface Report {
  readonly ok: boolean;
  readonly steps: readonly { readonly outcome: string; readonly message: string }[];
}

/** Properties that each drill examines. */
const expected = {
  'token-theft': 12,
  'code-theft': 6,
  'lost-answers': 2,
  'revoke-during-refresh': 3,
  storm: 2,
};

describe('drill, against the service in development', function () {
  this.timeout(90_000);
  let cluster: Cluster;
  let node: ServiceProcess;

  before(async () => {
    cluster = await createCluster();
    node = await cluster.start();
  });
  after(() => cluster?.stop());

  const drill = (name: string, ...words: readonly string[]) =>
    startService({ args: ['drill', name, '--url', node.url, '--rounds', '3', '--sessions', '12', ...words] });

  it('finds that every property holds, and deletes its users', async () => {
    const names = Object.keys(expected);
    const runs = await Promise.all(names.map((name) => drill(name, '--json')));
    const codes = await Promise.all(runs.map((run) => run.exited()));
    const reports = runs.map((run) => JSON.parse(run.log()) as Report);
    expect(reports.map(({ steps }) => steps.filter(({ outcome }) => outcome === 'fail'))).eql(names.map(() => []));
    expect(codes).eql(names.map(() => 0));
    const passed = reports.map(({ steps }) => steps.filter(({ outcome }) => outcome === 'pass').length);
    expect(passed).eql(Object.values(expected));
    const database = new pg.Client(cluster.databaseUrl);
    await database.connect();
    const { rows } = await database.query('SELECT count(*)::int AS users FROM users WHERE deleted_at IS NULL');
    await database.end();
    expect(rows).eql([{ users: 0 }]);
  });

  it('prints each step, and refuses production', async () => {
    const [printed, refused] = await Promise.all([
      drill('code-theft'),
      startService({ args: ['drill', 'code-theft', '--url', node.url], env: { NODE_ENV: 'production' } }),
    ]);
    expect(await Promise.all([printed.exited(), refused.exited()])).eql([0, 1]);
    expect(printed.log()).match(/^done {2}a user signs in; /);
    expect(printed.log()).contain('pass  a code that was redeemed is refused, even with its verifier (code_used)\n');
    expect(refused.log()).equal('NODE_ENV is production: a drill runs in development only.\n');
  });
});
