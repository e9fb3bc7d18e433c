import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../../test-kit/free-port.ts';

/** A TCP line that stalls and heals: what was sent meanwhile is delivered then, as the kernel of the sender would do it. */
export interface StallingLine {
  /** The URL of what is behind, with this line's address in its place. */
  urlFor(url: string): string;
  stall(): void;
  heal(): void;
  close(): void;
}

/** @example const line = await startStallingLine(postgres.port); */
export async function startStallingLine(target: number): Promise<StallingLine> {
  let kept: (() => void)[] | undefined;
  const open = new Set<Socket>();
  const port = await freePort();

  function carry(from: Socket, to: Socket): void {
    const give = (step: () => void) => void (kept === undefined ? step() : kept.push(step));
    from.on('data', (chunk: Buffer) => give(() => to.writable && to.write(chunk)));
    from.on('end', () => give(() => to.end()));
    from.on('error', () => {});
    from.on('close', () => {
      open.delete(from);
      give(() => to.end());
    });
    open.add(from);
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  server.unref();
  return Object.freeze<StallingLine>({
    urlFor: (url) => url.replace(`127.0.0.1:${target}`, `127.0.0.1:${port}`),
    stall() {
      kept ??= [];
    },
    heal() {
      const steps = kept ?? [];
      kept = undefined;
      for (const step of steps) step();
    },
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  });
}
