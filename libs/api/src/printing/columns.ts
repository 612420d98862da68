import type { KubeObject, PrinterColumn } from '@pilothouse/apimachinery';
import { ageCell } from './cells.ts';

type Cell<T> = (object: T, now: Date) => ReturnType<PrinterColumn['cell']>;

interface ColumnOptions {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  /** Shown only with `-o wide`. */
  readonly wide?: boolean;
}

/** One column of a kind's table; text, always shown, unless the options say otherwise. */
export function column<T>(name: string, cell: Cell<T>, options: ColumnOptions = {}): PrinterColumn {
  return {
    name,
    type: options.type ?? 'string',
    ...(options.format === undefined ? {} : { format: options.format }),
    ...(options.description === undefined ? {} : { description: options.description }),
    priority: options.wide ? 1 : 0,
    cell: cell as PrinterColumn['cell'],
  };
}

/** The first column of every table. */
export const nameColumn: PrinterColumn = column<KubeObject>('Name', (object) => object.metadata?.name ?? '', {
  format: 'name',
  description: 'Name must be unique within a namespace.',
});

/** The last of the columns that are always shown, in most tables. */
export const ageColumn: PrinterColumn = column<KubeObject>('Age', (object, now) =>
  ageCell(object.metadata?.creationTimestamp, now),
);

/** Kinds without a table of their own upstream print this instead of an age. */
export const createdAtColumn: PrinterColumn = column<KubeObject>(
  'Created At',
  (object) => object.metadata?.creationTimestamp ?? null,
  { type: 'date' },
);
