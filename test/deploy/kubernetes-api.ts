import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What each object of Kubernetes has. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Where `kubernetes-types` has the type of an object: `networking.k8s.io/v1` is in `networking/v1`, and `v1` in `core/v1`. */
function typeOf({ apiVersion, kind }: KubernetesObject): string {
  const [version, group = 'core'] = apiVersion.split('/').reverse();
  return `import('kubernetes-types/${group.split('.')[0]}/${version}').${kind}`;
}

/**
 * Compares objects with the API of Kubernetes, as its OpenAPI document has it: an unknown field, a wrong type and a missing field
 * are errors. Values of strings are not compared.
 *
 * @returns one line an error, none if the API accepts the objects
 */
export function findApiErrors(objects: readonly KubernetesObject[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-kubernetes-'));
  try {
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const literals = objects.map(
      (one, index) => `export const object${index}: ${typeOf(one)} = ${JSON.stringify(one, null, 2)};\n`,
    );
    writeFileSync(join(folder, 'objects.mts'), literals.join(''));
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--pretty',
      'false',
    ];
    execFileSync(resolve('node_modules/.bin/tsc'), [...options, 'objects.mts'], { cwd: folder, encoding: 'utf8' });
    return [];
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    if (stdout === '') throw error;
    return stdout.split('\n').filter((line) => line !== '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
