// The verbs of backends: `flows.ts` binds all that these files export, so helpers belong into other files.
export * from '../assert-scope.ts';
export * from '../list-presence.ts';
export * from './credentials.ts';
export * from './introspect.ts';
export * from './relay.ts';
export * from './tenant-limits.ts';
