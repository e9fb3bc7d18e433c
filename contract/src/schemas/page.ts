import { z } from 'zod';
import type { CursorPage } from '../admin.ts';

/** A page of rows that are named `name`. */
export const pageOf = <Name extends string, Row extends z.ZodType>(name: Name, row: Row) =>
  z.object({ [name]: z.array(row), next_cursor: z.string().nullable() }) as unknown as z.ZodType<
    CursorPage<Name, z.output<Row>>
  >;
