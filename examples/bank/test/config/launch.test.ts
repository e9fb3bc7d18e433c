import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../src/config/env.ts';
import { readLaunchSettings } from '../../src/config/launch.ts';

describe('the settings of the bank', () => {
  let folder: string;
  let file: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-bank-'));
    file = join(folder, 'backend.json');
    writeFileSync(file, '{"backend_id":"bank","backend_secret":"secret"}');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const wrongPorts = ['abc', '0', '65536', '-1', '4e3', '0x1000', '4100 '];

  it('have a default port, and refuse what is no port', () => {
    expect(readConfig({ BANK_BACKEND_FILE: file }).port).to.equal(4_100);
    expect(readConfig({ BANK_BACKEND_FILE: file, BANK_PORT: '4300' })).to.include({
      port: 4_300,
      publicUrl: 'http://localhost:4300',
    });
    for (const BANK_PORT of wrongPorts)
      expect(() => readConfig({ BANK_BACKEND_FILE: file, BANK_PORT }), BANK_PORT).to.throw(
        TypeError,
        /^BANK_PORT: has to be a TCP port, 1 to 65535/,
      );
  });

  describe('and of the service, together,', () => {
    it('are used when they are set, and chosen when they are absent or empty', () => {
      const env = {
        PORT: '4300',
        LATCHKEY_PUBLIC_URL: 'https://id.example.test/',
        BANK_PORT: '4301',
        BANK_PUBLIC_URL: 'https://bank.example.test',
        BANK_DATA_DIR: 'data',
        BANK_DATABASE_URL: 'postgres://db/bank',
        LATCHKEY_PASSWORD_MIN_LENGTH: '15',
        EDITOR: 'vi',
      };
      expect(readLaunchSettings(env)).to.deep.equal({
        servicePort: 4_300,
        serviceUrl: 'https://id.example.test',
        bankPort: 4_301,
        bankUrl: 'https://bank.example.test',
        dataDir: 'data',
        both: { BANK_DATABASE_URL: 'postgres://db/bank' },
        service: { LATCHKEY_PUBLIC_URL: 'https://id.example.test/', LATCHKEY_PASSWORD_MIN_LENGTH: '15' },
      });
      expect(readLaunchSettings({ PORT: '', BANK_PORT: '', BANK_DATA_DIR: '', LATCHKEY_HOOKS: '' })).to.deep.equal({
        servicePort: undefined,
        serviceUrl: undefined,
        bankPort: undefined,
        bankUrl: undefined,
        dataDir: '.latchkey/example-bank',
        both: {},
        service: {},
      });
    });

    it('are refused when they have no effect, with the setting that has', () => {
      for (const [name, advice] of [
        ['LATCHKEY_DATA_DIR', 'BANK_DATA_DIR'],
        ['LATCHKEY_ALLOWED_ORIGINS', 'BANK_PUBLIC_URL'],
        ['LATCHKEY_HOOKS', 'src/hooks.ts'],
        ['BANK_LATCHKEY_URL', 'LATCHKEY_PUBLIC_URL'],
        ['BANK_BACKEND_FILE', 'BANK_DATA_DIR'],
      ] as const)
        expect(() => readLaunchSettings({ [name]: 'value' }), name).to.throw(
          TypeError,
          new RegExp(`^${name} cannot be set for the service and the bank together: .*${advice}`),
        );
    });

    it('are refused when they are no ports or origins', () => {
      for (const name of ['PORT', 'BANK_PORT'])
        for (const value of wrongPorts)
          expect(() => readLaunchSettings({ [name]: value }), value).to.throw(
            TypeError,
            `${name}: has to be a TCP port`,
          );
      const same = () => readLaunchSettings({ PORT: '4000', BANK_PORT: '4000' });
      expect(same).to.throw(TypeError, 'PORT and BANK_PORT have to differ.');
      expect(() => readLaunchSettings({ BANK_PUBLIC_URL: 'bank' })).to.throw(TypeError, 'BANK_PUBLIC_URL: ');
    });
  });
});
