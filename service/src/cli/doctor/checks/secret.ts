import { type Finding, failed, ok, skipped, warning } from '../finding.ts';
import type { Subject } from '../subject.ts';

const sameSecret = 'set the same LATCHKEY_SECRET, with the same order, on every node';

/** This process has the secrets of the nodes: by what they wrote into the database, and by what they can verify. */
export async function checkSecret(subject: Subject): Promise<Finding> {
  if (subject.secrets() === undefined)
    return skipped('the embedded database has no secret yet: the first start makes one');
  return (await compareByDatabase(subject)) ?? (await compareByProbe(subject));
}

/** `undefined`: nothing differs. */
async function compareByDatabase({ config, connect, secrets }: Subject): Promise<Finding | undefined> {
  const connection = config.embedded ? undefined : await connect().catch(() => undefined);
  if (connection === undefined) return undefined;
  const { isFirst, missing, isNewestUsed } = await secrets()!.compareWithNodes(connection.db);
  if (missing > 0 && isNewestUsed)
    return failed('nodes have a secret that this process lacks', `${sameSecret}; add the missing ones at the end`);
  if (missing > 0) return failed('nodes of this database have another secret than this process', sameSecret);
  if (!isFirst && !isNewestUsed)
    return warning(
      'no node has the newest secret of this process, so that others refuse what it signs',
      'add a new secret at the end of LATCHKEY_SECRET on every node first, and move it to the front later',
    );
  return undefined;
}

async function compareByProbe({ config, probe }: Subject): Promise<Finding> {
  const results = await probe().catch(() => []);
  const total = results.length;
  const lacking = (result: string) => results.filter((one) => one.result === result).length;
  const [refused, older] = [lacking('refused'), lacking('older')];
  if (refused > 0)
    return failed(
      `${refused} of ${total} requests to ${config.publicUrl} reached a node that has another secret, or a node of another deployment`,
      `${sameSecret}; let the proxy lead to nodes of this deployment only`,
    );
  if (older > 0)
    return warning(
      `${older} of ${total} requests to ${config.publicUrl} reached a node without the newest secret`,
      sameSecret,
    );
  if (lacking('accepted') > 0) return ok(`the nodes behind ${config.publicUrl} have the secret of this process`);
  return config.embedded ? skipped('no running node can be compared with') : ok('no node has another secret');
}
