import { settings } from './settings.ts';

/** One row of the table of settings. */
export interface SettingRow {
  readonly name: string;
  readonly fallback: string;
  readonly says: string;
  /** May come from a file named by `<name>_FILE`. */
  readonly fromFile: boolean;
}

/** Every setting with its default, for the documentation. */
export function describeSettings(): readonly SettingRow[] {
  return Object.values(settings).map((setting) => ({
    name: setting.env,
    fallback: show(setting.schema.safeParse(undefined).data),
    says: 'formerEnv' in setting ? `${setting.says} Also read as \`${setting.formerEnv}\`.` : setting.says,
    fromFile: 'secret' in setting,
  }));
}

function show(value: unknown): string {
  return value === undefined || (Array.isArray(value) && value.length === 0) ? '' : String(value);
}
