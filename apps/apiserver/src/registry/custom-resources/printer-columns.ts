import { JsonPath, JsonPathError, type PrinterColumn } from '@pilothouse/apimachinery';
import { humanDuration, nameColumn, type CustomResourceColumnDefinition } from '@pilothouse/api';

const AGE: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  jsonPath: '.metadata.creationTimestamp',
};

/** The name, then what the CRD says, or the age when it says nothing. */
export function printerColumns(additional: readonly CustomResourceColumnDefinition[] | undefined): PrinterColumn[] {
  const columns = additional?.length ? additional : [AGE];
  return [nameColumn, ...columns.map(printerColumn)];
}

function printerColumn({
  name,
  type,
  format,
  description,
  priority,
  jsonPath,
}: CustomResourceColumnDefinition): PrinterColumn {
  const path = parsed(jsonPath);
  return {
    name,
    type,
    ...(format ? { format } : {}),
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0,
    cell(object, now) {
      const [value] = path?.find(object) ?? [];
      return value === undefined || value === null ? null : cellOf(type, value, now);
    },
  };
}

/** A path that cannot be read leaves its column empty; CRDs are only checked for paths that begin with a dot. */
function parsed(jsonPath: string): JsonPath | undefined {
  try {
    return new JsonPath(jsonPath);
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}

/** A value of another type than the column's is not shown. */
function cellOf(type: string, value: unknown, now: Date): string | number | boolean | null {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? dateCell(value, now) : null;
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
}

function dateCell(value: string, now: Date): string {
  const time = Date.parse(value);
  return Number.isNaN(time) ? '<invalid>' : humanDuration(now.getTime() - time);
}
