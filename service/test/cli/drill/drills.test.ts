import { readFileSync } from 'node:fs';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { freePort } from '../../../../test-kit/free-port.ts';
import { waitFor } from '../../../../test-kit/wait-for.ts';
import type { Drill } from '../../../src/cli/drill/drill.ts';
import { DrillError } from '../../../src/cli/drill/drill-error.ts';
import { drills } from '../../../src/cli/drill/drills.ts';
import { runDrill } from '../../../src/cli/drill/run-drill.ts';
import { runCommand, runWithBrokenOutput } from '../stage.ts';
import { type Protections, startFakeService } from './fake-service.ts';

const sizes = { clock: createSystemClock(), sessions: 6, rounds: 2, revocationMs: 200 };

/** What a drill says of a service without these protections. */
async function run(name: string, missing: Partial<Protections>) {
  const service = await startFakeService(missing);
  const report = await runDrill(drills.find((drill) => drill.name === name)!, { url: service.url, ...sizes });
  service.close();
  const failures = report.steps.filter(({ outcome }) => outcome === 'fail').map(({ message }) => message);
  return { ok: report.ok, failures: failures.join('\n'), usersLeft: [...service.users] };
}

const names = drills.map(({ name }) => name);

/** What each drill reports when one protection is missing. */
const rows: readonly (readonly [string, keyof Protections, RegExp])[] = [
  ['token-theft', 'detectsReuse', /is found out/],
  ['token-theft', 'notifies', /gets the reason token_reused/],
  ['token-theft', 'refusesEndedSessions', /the newest session token is refused/],
  ['token-theft', 'revokesAccessTokens', /the access token is refused/],
  ['token-theft', 'checksProofs', /refused without a proof/],
  ['code-theft', 'checksVerifier', /refused with another verifier/],
  ['code-theft', 'detectsUsedCode', /a code that was redeemed is refused/],
  ['lost-answers', 'repeatsAnswers', /a repeated rotation is not refused/],
  ['revoke-during-refresh', 'revokesAccessTokens', /every access token of an ended session/],
  ['revoke-during-refresh', 'refusesEndedSessions', /no session token of an ended session/],
  ['revoke-during-refresh', 'notifies', /gets the reason/],
  ['storm', 'separatesSessions', /a new token of its own/],
  ['storm', 'repeatsAnswers', /every browser is signed in again/],
];

describe('the drills', () => {
  // They wait more than they work, so that all of them run at once.
  const whole = new Map(names.map((name) => [name, run(name, {})]));
  const broken = rows.map(([name, missing]) => run(name, { [missing]: false }));

  for (const name of names)
    it(`pass against a service that has every protection, and delete their users: ${name}`, async () => {
      expect(await whole.get(name)).eql({ ok: true, failures: '', usersLeft: [] });
    });

  for (const [index, [name, missing, expected]] of rows.entries())
    it(`fail against a service without ${missing}: ${name}`, async () => {
      const { ok, failures, usersLeft } = (await broken[index])!;
      expect(failures).match(expected);
      expect({ ok, usersLeft }).eql({ ok: false, usersLeft: [] });
    });

  it('delete their users when they are interrupted', async () => {
    const service = await startFakeService();
    const controller = new AbortController();
    const drill: Drill = {
      name: 'endless',
      description: '',
      async run({ instance }) {
        await instance.register();
        controller.abort();
        await new Promise(() => {});
      },
    };
    const { signal } = controller;
    const { ok, steps } = await runDrill(drill, { url: service.url, ...sizes, signal });
    service.close();
    expect(steps.map(({ message }) => message)).eql([
      'the drill was interrupted',
      'the users of the drill are deleted',
    ]);
    expect({ ok, usersLeft: [...service.users] }).eql({ ok: false, usersLeft: [] });
  });

  it('delete a user whose registration is under way when they are interrupted', async () => {
    const service = await startFakeService();
    const controller = new AbortController();
    let registration: Promise<unknown> | undefined;
    const run: Drill['run'] = async ({ instance }) => {
      registration = instance.register();
      controller.abort();
      await registration;
    };
    await runDrill({ name: 'brief', description: '', run }, { url: service.url, ...sizes, signal: controller.signal });
    await registration;
    service.close();
    expect([...service.users]).eql([]);
  });

  it('report an interruption by a signal as one document of JSON, and exit with 1', async () => {
    const service = await startFakeService();
    const running = runCommand({}, 'drill', 'storm', '--url', service.url, '--json');
    await waitFor(() => service.users.size > 0);
    process.emit('SIGTERM');
    const { code, out } = await running;
    service.close();
    expect({ code, usersLeft: [...service.users] }).eql({ code: 1, usersLeft: [] });
    expect(JSON.parse(out)).include({ drill: 'storm', ok: false });
    expect(out).include('the drill was interrupted');
  });

  it('delete their users, and write their result to the standard error output, when the output is lost', async () => {
    const service = await startFakeService();
    const unsafe = await startFakeService({ checksVerifier: false });
    const run = (code: 'EPIPE' | 'ENOSPC', url: string, ...words: string[]) =>
      runWithBrokenOutput({}, code, 'drill', 'code-theft', '--url', url, ...words);
    const results = await Promise.all([
      run('EPIPE', service.url),
      run('ENOSPC', service.url),
      run('EPIPE', unsafe.url),
    ]);
    for (const { close } of [service, unsafe]) close();
    const passed = 'done  the users of the drill are deleted\nThe drill code-theft passed.\n';
    expect([...service.users, ...unsafe.users]).eql([]);
    expect(results.map(({ code }) => code)).eql([0, 1, 1]);
    expect(results.map(({ err }) => err)).eql([
      passed,
      `${passed}The standard output cannot be written (ENOSPC).\n`,
      results[2]!.err,
    ]);
    expect(results[2]!.err)
      .match(/^fail .+verifier/)
      .and.match(/The drill code-theft failed\.\n$/);
  });

  it('fail when they cannot be carried out', async () => {
    const service = await startFakeService();
    const broken = { name: 'broken', description: '', run: () => Promise.reject(new DrillError('no')) };
    const report = await runDrill(broken, { url: service.url, ...sizes });
    service.close();
    expect(report).deep.include({ ok: false });
  });

  it('refuse an instance in production, a foreign server, and a process in production', async () => {
    const service = await startFakeService({ isDevelopment: false });
    const attempt = async (url: string, env = {}) => runCommand(env, 'drill', 'storm', '--url', url);
    const results = await Promise.all([
      attempt(service.url),
      attempt(`http://127.0.0.1:${await freePort()}`),
      attempt(service.url, { NODE_ENV: 'production' }),
      attempt('ftp://example.test'),
    ]);
    service.close();
    expect(service.users.size).equal(0);
    expect(results.map(({ code }) => code)).eql([1, 1, 1, 2]);
    const reasons = [
      'is in production',
      'no answer: nothing listens at its address (ECONNREFUSED)',
      'NODE_ENV is production',
      'has to begin with https',
    ];
    for (const [index, reason] of reasons.entries()) expect(results[index]!.err).contain(reason);
  });

  it('have a section each in docs/run/drill.md', () => {
    const sections = [...readFileSync('docs/run/drill.md', 'utf8').matchAll(/^## `([\w-]+)`/gm)].map(
      ([, name]) => name,
    );
    expect(sections).eql(names);
  });
});
