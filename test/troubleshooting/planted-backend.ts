import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { type CauseCode, createLatchkey, type Latchkey, type LatchkeyOptions } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { type ScriptedService, startScriptedService } from '../../sdk-server/test/client/scripted-service.ts';
import { listen, portOf } from '../../test-kit/listen.ts';
import { waitFor } from '../../test-kit/wait-for.ts';

/** A log line. */
export interface Line {
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A backend in which a test plants a mistake, beside a scripted service. */
export interface PlantedBackend {
  readonly service: ScriptedService;
  readonly latchkey: Latchkey;
  readonly lines: readonly Line[];
  /** Listens with the app's HTTP server. */
  listen(
    listener?: RequestListener,
  ): Promise<{ readonly http: HttpServer; readonly port: number; readonly url: string }>;
  /** Waits for the line of a cause, and checks that it names the setting and that `health()` has it as well. */
  logged(code: CauseCode, setting: string): Promise<Line>;
  end(): Promise<void>;
}

/** Starts the service, or uses a running one, and connects a backend with the options of the mistake. */
export async function plantBackend(
  options: Partial<LatchkeyOptions> = {},
  running?: ScriptedService,
): Promise<PlantedBackend> {
  const service = running ?? (await startScriptedService());
  const lines: Line[] = [];
  const note = (fields: object, message: string) => void lines.push({ ...fields, message });
  const latchkey = createLatchkey({
    ...{ url: service.url, backendId: 'bank', backendSecret: 'secret', log: { warn: note, error: note } },
    ...options,
  });
  const servers: HttpServer[] = [];
  return Object.freeze<PlantedBackend>({
    service,
    latchkey,
    lines,
    async listen(listener) {
      const http = createServer(listener);
      servers.push(http);
      const url = await listen(http);
      return { http, port: portOf(http), url };
    },
    async logged(code, setting) {
      const find = () => lines.find(({ cause }) => cause === code);
      await waitFor(() => find() !== undefined, 15_000).catch(() => {
        throw new Error(`no line of ${code}: ${JSON.stringify(lines)}`);
      });
      const line = find()!;
      expect(line.setting, code).to.equal(setting);
      const { message, setting: listed, count, lastAt } = latchkey.health().causes.find((one) => one.code === code)!;
      expect({ message, setting: listed }).to.deep.equal({ message: line.message, setting });
      expect(count).to.be.at.least(1);
      expect(lastAt).to.be.at.most(Date.now());
      return line;
    },
    async end() {
      latchkey.close();
      for (const http of servers) {
        http.closeAllConnections();
        http.close();
      }
      if (running === undefined) await service.stop();
    },
  });
}
