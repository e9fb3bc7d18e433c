import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What an image says about how it is run, in Docker's format. */
export interface Image {
  readonly tag: string;
  readonly User: string;
  readonly WorkingDir: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly StopSignal: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/** Runs buildah; rejects with its standard error. */
export async function buildah(...args: string[]): Promise<string> {
  const { stdout } = await execute('buildah', args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

export async function inspectImage(tag: string): Promise<Image> {
  const { Docker } = JSON.parse(await buildah('inspect', '--type', 'image', tag)) as { Docker: { config: Image } };
  return Object.freeze({ ...Docker.config, tag });
}

/** In decimal megabytes, as buildah and Docker print it. */
export async function sizeOf(tag: string): Promise<string> {
  return buildah('images', '--format', '{{.Size}}', tag);
}
