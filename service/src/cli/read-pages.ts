import type { CursorPage } from '@latchkey/contract';

/** Rows of one read of a list. */
export const pageSize = 100;

/**
 * Every row of a list that is read page by page.
 *
 * @param member of the page that holds the rows
 * @example
 * const users = await readAllPages('users', (cursor) => owner.listUsers({ limit: pageSize, cursor }));
 */
export async function readAllPages<Name extends string, Row>(
  member: Name,
  readPage: (cursor: string | undefined) => Promise<CursorPage<Name, Row>>,
): Promise<Row[]> {
  const found: Row[] = [];
  for await (const rows of readPages(member, readPage)) found.push(...rows);
  return found;
}

/** The pages of a list, one after the other. */
export async function* readPages<Name extends string, Row>(
  member: Name,
  readPage: (cursor: string | undefined) => Promise<CursorPage<Name, Row>>,
): AsyncGenerator<readonly Row[], void> {
  let cursor: string | undefined;
  do {
    const page = await readPage(cursor);
    yield page[member] as readonly Row[];
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
