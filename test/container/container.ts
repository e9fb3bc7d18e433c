import { type ContainerProcess, startProcess } from './container-process.ts';
import { buildah, type Image } from './image.ts';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Files of this machine and where they stand inside, read-only. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A container of an image; shares this machine's network. */
export interface Container {
  /** Entry point and these words, or the image's own command without them: `docker run <image> [words]`. */
  run(words?: readonly string[], options?: RunOptions): ContainerProcess;
  /** Any command: `docker exec <container> <command>`. */
  execute(command: readonly string[], options?: RunOptions): ContainerProcess;
  /** The same as `run`, with node as process 1 of its own process namespace, which is what Docker makes it. */
  runAsProcessOne(options?: RunOptions): Promise<ContainerProcess>;
  remove(): Promise<void>;
}

export async function createContainer(image: Image): Promise<Container> {
  const id = await buildah('from', '--pull-never', image.tag);
  const processes: ContainerProcess[] = [];
  const start = (command: string, args: readonly string[]) => {
    const started = startProcess(command, args);
    processes.push(started);
    return started;
  };
  const execute: Container['execute'] = (command, options = {}) =>
    start('buildah', ['run', ...flags(options), id, '--', ...command]);
  const killAll = () => {
    for (const started of processes) started.kill();
  };
  process.once('exit', killAll);
  return Object.freeze<Container>({
    execute,
    run: (words = image.Cmd, options = {}) => execute([...image.Entrypoint, ...words], options),
    async runAsProcessOne(options = {}) {
      const root = await buildah('mount', id);
      const env = [...image.Env, ...Object.entries(options.env ?? {}).map((pair) => pair.join('='))];
      const inside = ['env', '-i', `--chdir=${image.WorkingDir}`, ...env, ...image.Entrypoint, ...image.Cmd];
      const outside = ['--pid', '--fork', '--kill-child', `--mount-proc=${root}/proc`];
      return start('unshare', [...outside, 'chroot', `--userspec=${image.User}`, root, ...inside]);
    },
    async remove() {
      killAll();
      await Promise.allSettled(processes.map(({ exited }) => exited));
      process.off('exit', killAll);
      await buildah('rm', id);
    },
  });
}

function flags({ env = {}, files = {} }: RunOptions): string[] {
  return [
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...Object.entries(files).flatMap(([outside, inside]) => ['--volume', `${outside}:${inside}:ro`]),
  ];
}
