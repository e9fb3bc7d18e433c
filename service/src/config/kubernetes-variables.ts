import { isIP } from 'node:net';

const isPort = (value: string) => /^\d{1,5}$/.test(value);
const isAddress = (value: string) => isIP(value) !== 0;
const isPortUrl = (value: string) => /^(tcp|udp|sctp):\/\/\S+:\d{1,5}$/.test(value);

/** Ends of the names that Kubernetes makes for a Service, and what each holds. */
const forms: readonly (readonly [RegExp, (value: string) => boolean])[] = [
  [/_SERVICE_HOST$/, isAddress],
  [/_SERVICE_PORT(_[A-Z0-9_]+)?$/, isPort],
  [/_PORT$/, isPortUrl],
  [/_PORT_\d+_(TCP|UDP|SCTP)$/, isPortUrl],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PROTO$/, (value) => ['tcp', 'udp', 'sctp'].includes(value)],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PORT$/, isPort],
  [/_PORT_\d+_(TCP|UDP|SCTP)_ADDR$/, isAddress],
];

/**
 * True for an environment variable that Kubernetes puts into each pod for a Service of the same namespace, such as
 * `LATCHKEY_PORT=tcp://10.0.0.5:4000` for the Service `latchkey`. The value is judged too, so that a misspelled setting
 * is still reported.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function isKubernetesVariable(name: string, value = ''): boolean {
  return forms.some(([end, isValue]) => end.test(name) && isValue(value));
}
