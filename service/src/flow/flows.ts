import * as adminVerbs from './admin/verbs.ts';
import * as backendVerbs from './backend/verbs.ts';
import { bind } from './bind.ts';
import type { FlowContext } from './context.ts';
import * as verbs from './verbs.ts';

/** What the endpoints of users call. A `deadline` that is left out is that of a request which was read just now. */
export const createFlows = (context: FlowContext) => bind(context, verbs);
export type Flows = ReturnType<typeof createFlows>;

/** What operators call, and backends with the scope `admin`. Every change is written into the audit. */
export const createAdminFlows = (context: FlowContext) => bind(context, adminVerbs);
export type AdminFlows = ReturnType<typeof createAdminFlows>;

/**
 * What backends call. Calls for one session are refused with `forbidden` when it belongs to another tenant than the
 * backend's, or when the calling server does not hold it. A session whose row was deleted is answered like an ended one.
 */
export const createBackendFlows = (context: FlowContext) => bind(context, backendVerbs);
export type BackendFlows = ReturnType<typeof createBackendFlows>;
