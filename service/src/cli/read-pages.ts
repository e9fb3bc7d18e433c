import type { CursorPage } from '@latchkey/contract';

/** Rows of one read of a list. */
export const pageSize = 100;

/**
 * The pages of a list, one after the other.
 *
 * @param member of the page that holds the rows
 * @example
 * for await (const users of readPages('users', (cursor) => owner.listUsers({ limit: pageSize, cursor }))) …
 */
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
