import { readFileSync } from 'node:fs';
import { paths } from '@latchkey/contract';
import { describeSettings } from '@latchkey/service';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { findApiErrors, type KubernetesObject } from './kubernetes-api.ts';

interface Container {
  readonly args: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string; readonly port: string } };
}

interface PodSpec {
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly name: string; readonly secret: { readonly defaultMode: number } }[];
  readonly terminationGracePeriodSeconds?: number;
}

interface Manifest extends KubernetesObject {
  readonly data: Readonly<Record<string, string>>;
  readonly spec: {
    readonly selector: Readonly<Record<string, unknown>>;
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
    readonly ports: readonly { readonly targetPort: string }[];
  };
}

// A cluster is not at hand: these are the mistakes that can be found without one.
describe('deploy/kubernetes/latchkey.yaml', () => {
  const documents = parseAllDocuments(readFileSync('deploy/kubernetes/latchkey.yaml', 'utf8'));
  const objects = () => documents.map((one) => one.toJS() as Manifest);
  const of = (kind: string) => objects().find((one) => one.kind === kind)!;
  const environment = () => of('ConfigMap').data;
  const pods = () => [of('Job'), of('Deployment')].map(({ spec }) => spec.template.spec);

  it('is YAML without aliases across documents', () => {
    for (const { errors } of documents) expect(errors).to.deep.equal([]);
  });

  it('has the fields of the API, with their types, and no other', function () {
    this.timeout(30_000);
    expect(findApiErrors(objects())).to.deep.equal([]);
    const { spec, ...deployment } = of('Deployment');
    const [error, ...more] = findApiErrors([{ ...deployment, spec: { ...spec, replica: 2 } } as KubernetesObject]);
    expect(error).to.match(/replica\W+does not exist in type 'DeploymentSpec'/);
    expect(more.filter((line) => line.includes('error'))).to.deep.equal([]);
  });

  it('lets the group of a node read the secrets, whichever YAML the reader speaks', () => {
    const modes = pods().map(({ volumes: [volume] }) => volume!.secret.defaultMode);
    expect(modes).to.deep.equal([0o440, 0o440]);
  });

  it('sets only settings that exist, and secrets as files of a volume', () => {
    const names = new Set(describeSettings().flatMap(({ name }) => [name, `${name}_FILE`]));
    expect(Object.keys(environment()).filter((name) => !names.has(name))).to.deep.equal([]);
    const files = Object.entries(environment()).filter(([name]) => name.endsWith('_FILE'));
    expect(files).to.have.length(2);
    for (const { containers, volumes } of pods()) {
      const [mount] = containers[0].volumeMounts;
      for (const [name, file] of files) expect(file, name).to.match(new RegExp(`^${mount!.mountPath}/`));
      expect(volumes.map(({ name }) => name)).to.deep.equal([mount!.name]);
    }
  });

  it('gives a node time to stop: longer than preStop and the shutdown deadline', () => {
    const { containers, terminationGracePeriodSeconds } = of('Deployment').spec.template.spec;
    const [, preStopMs] = /setTimeout\(\(\) => \{\}, (\d+)\)/.exec(containers[0].lifecycle!.preStop.exec.command[2]!)!;
    const deadline = Number(environment().LATCHKEY_SHUTDOWN_DEADLINE_IN_SECS);
    expect(terminationGracePeriodSeconds).to.be.above(Number(preStopMs) / 1_000 + deadline);
  });

  it('probes what the service has: liveness asks nothing, readiness the database', () => {
    const [container] = of('Deployment').spec.template.spec.containers;
    const port = container.ports![0]!.name;
    const probe = (path: string) => ({ path, port });
    expect(container.startupProbe!.httpGet).to.deep.equal(probe(paths.healthLive));
    expect(container.livenessProbe!.httpGet).to.deep.equal(probe(paths.healthLive));
    expect(container.readinessProbe!.httpGet).to.deep.equal(probe(paths.healthReady));
    expect(of('Service').spec.ports[0]!.targetPort).to.equal(port);
  });

  it('selects the pods of the deployment by its service and its disruption budget', () => {
    const { labels } = of('Deployment').spec.template.metadata;
    expect(of('Service').spec.selector).to.deep.equal(labels);
    for (const kind of ['Deployment', 'PodDisruptionBudget'])
      expect(of(kind).spec.selector, kind).to.deep.equal({ matchLabels: labels });
  });
});
