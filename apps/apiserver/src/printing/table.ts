import {
  badRequest,
  fieldPath,
  invalidValue,
  type KubeObject,
  type ListMeta,
  type PrinterColumn,
  type TableRowCondition,
} from '@pilothouse/apimachinery';
import type { StoredObject } from '@pilothouse/storage';
import type { Transform } from '../negotiation/negotiate.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import type { ApiRequest } from '../request.ts';
import { partialObjectMetadata } from './partial-metadata.ts';

/** What kubectl prints: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables. */
export interface Table extends KubeObject {
  metadata: ListMeta;
  columnDefinitions: readonly object[] | null;
  rows: readonly TableRow[];
}

interface TableRow {
  readonly cells: readonly unknown[];
  readonly conditions?: readonly TableRowCondition[];
  readonly object: object | null;
}

export interface TableOptions {
  readonly version: 'v1' | 'v1beta1';
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  readonly now: Date;
  /** From the second event of a watch on, the columns are known. */
  readonly noHeaders: boolean;
}

/** Throws 400 when `includeObject` is not one of the three. */
export function tableOptions(request: ApiRequest, transform: Transform): TableOptions {
  const includeObject = request.query.get('includeObject') || 'Metadata';
  if (includeObject !== 'None' && includeObject !== 'Metadata' && includeObject !== 'Object') {
    const error = invalidValue(
      fieldPath('includeObject'),
      includeObject,
      "must be 'Metadata', 'Object', 'None', or empty",
    );
    throw badRequest(`Unable to convert to Table as requested: ${error.toString()}`);
  }
  return { version: transform.version, includeObject, now: request.receivedAt, noHeaders: false };
}

export function tableOf(
  served: ServedVersion,
  items: readonly StoredObject[],
  options: TableOptions,
  metadata: ListMeta,
): Table {
  const { columns, rowOrder } = served.version;
  const ordered = rowOrder ? items.toSorted((a, b) => rowOrder(served.view(a), served.view(b))) : items;
  const rows = ordered.map((stored) => tableRow(served, stored, options));
  return newTable(columns, rows, options, metadata);
}

/** Of one object that is not stored in this form: a subresource of its own kind. */
export function tableOfObject(columns: readonly PrinterColumn[], object: KubeObject, options: TableOptions): Table {
  const cells = columns.map((column) => column.cell(object, options.now));
  const { resourceVersion } = object.metadata ?? {};
  return newTable(columns, [{ cells, object: rowObject(object, options) }], options, { resourceVersion });
}

function newTable(
  columns: readonly PrinterColumn[],
  rows: readonly TableRow[],
  { version, noHeaders }: TableOptions,
  metadata: ListMeta,
): Table {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: noHeaders ? null : columns.map(columnDefinition),
    rows,
  };
}

function columnDefinition({ name, type, format, description, priority }: PrinterColumn): object {
  return { name, type, format: format ?? '', description: description ?? '', priority };
}

function tableRow(served: ServedVersion, stored: StoredObject, options: TableOptions): TableRow {
  const object = served.view(stored);
  // A built-in kind's columns are written against the storage version, a CRD's against the version that has them.
  const shown = served.version.schema.structural ? object : stored.object;
  const conditions = served.version.rowConditions?.(shown);
  return {
    cells: served.version.columns.map((column) => column.cell(shown, options.now)),
    ...(conditions ? { conditions } : {}),
    object: rowObject(object, options),
  };
}

function rowObject(object: KubeObject, { includeObject, version }: TableOptions): object | null {
  if (includeObject === 'None') return null;
  return includeObject === 'Object' ? object : partialObjectMetadata(object, version);
}
