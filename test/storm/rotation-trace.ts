import pg from 'pg';

/** What the database says after a run. */
export interface SessionFacts {
  readonly sessions: number;
  readonly alive: number;
  /** `sum(gen - 1)`. */
  readonly generations: number;
  /** Updates that moved a session to its next generation: committed `rotate` verdicts, whether or not the answer arrived. */
  readonly rotations: number;
  readonly newest: Readonly<Record<string, number>>;
}

/** Counts committed rotations inside the transactions that make them, so that a killed process loses none. */
const traceRotations = `
  CREATE TABLE rotation_trace (sid uuid, gen int, PRIMARY KEY (sid, gen));
  CREATE FUNCTION trace_rotation() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO rotation_trace VALUES (NEW.sid, NEW.gen);
    RETURN NULL;
  END $$;
  CREATE TRIGGER trace_rotation AFTER UPDATE ON sessions FOR EACH ROW
    WHEN (NEW.gen <> OLD.gen OR NEW.tag <> OLD.tag) EXECUTE FUNCTION trace_rotation();
`;

const readFacts = `
  SELECT count(*)::int AS sessions,
    (count(*) FILTER (WHERE revoked_at IS NULL AND expires_at > clock_timestamp()))::int AS alive,
    coalesce(sum(gen - 1), 0)::int AS generations,
    (SELECT count(*)::int FROM rotation_trace) AS rotations,
    coalesce(json_object_agg(sid, gen), '{}') AS newest
  FROM sessions
`;

/** One statement on a connection of its own. */
export async function runSql<Row>(databaseUrl: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const query = values.length === 0 ? client.query(text) : client.query(text, values);
  return (await query.finally(() => client.end())).rows as Row[];
}

/** From now on each rotation in this database leaves a row. */
export async function installRotationTrace(databaseUrl: string): Promise<void> {
  await runSql(databaseUrl, traceRotations);
}

export async function readSessionFacts(databaseUrl: string): Promise<SessionFacts> {
  const [facts] = await runSql<SessionFacts>(databaseUrl, readFacts);
  return facts as SessionFacts;
}
