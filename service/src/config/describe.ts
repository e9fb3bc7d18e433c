import { settings } from './settings.ts';

/** One row of the table of settings. */
export interface SettingRow {
  readonly name: string;
  readonly fallback: string;
  readonly description: string;
  /** May come from a file named by `<name>_FILE`. */
  readonly fromFile: boolean;
}

/** Every setting with its default, for the documentation. */
export function describeSettings(): readonly SettingRow[] {
  return Object.values(settings).map((setting) => ({
    name: setting.env,
    fallback: formatDefault(setting.schema.safeParse(undefined).data),
    description:
      'formerEnv' in setting ? `${setting.description} Also read as \`${setting.formerEnv}\`.` : setting.description,
    fromFile: 'secret' in setting,
  }));
}

function formatDefault(value: unknown): string {
  return value === undefined || (Array.isArray(value) && value.length === 0) ? '' : String(value);
}
