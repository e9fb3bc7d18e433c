import { type Driver, type Moment, openPayingNode } from './paying-node.ts';

/**
 * A paying node as a process of its own: `dying-node.ts <driver> <url> <moment>`. It tells its port, and kills itself in
 * its first call, at that moment.
 */
const [driver, url, moment] = process.argv.slice(2) as [Driver, string, Moment];

const { port } = await openPayingNode(driver, url, { [moment]: () => process.kill(process.pid, 'SIGKILL') });
process.send?.(port);
process.once('disconnect', () => process.exit());
