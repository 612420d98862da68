import { hasEnvelope, parseApiVersion, unwrapEnvelope, type KubeObject } from '@pilothouse/apimachinery';
import { parse } from 'yaml';
import { codecFor } from '../printing/meta-codecs.ts';

/**
 * A body as the object that an event shows: JSON, whatever encoding it came or went in. Undefined for what is none: logs,
 * patches that are no JSON, kinds that this server does not know.
 */
export function auditedObject(body: Buffer, omitManagedFields: boolean): unknown {
  try {
    const value = hasEnvelope(body) ? fromProtobuf(body) : fromText(body);
    return omitManagedFields ? withoutManagedFields(value) : value;
  } catch {
    return undefined;
  }
}

function fromProtobuf(body: Buffer): KubeObject {
  const { apiVersion, kind } = unwrapEnvelope(body);
  const { group, version } = parseApiVersion(apiVersion);
  return codecFor(group, version, kind).decodeProtobuf(body);
}

function fromText(body: Buffer): unknown {
  const text = body.toString();
  const value: unknown = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : parse(text);
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** Of an object, of each in a list, and of each that a row of a table is about. */
function withoutManagedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { metadata, items, rows, ...rest } = value as Listed;
  return {
    ...rest,
    ...(metadata ? { metadata: { ...metadata, managedFields: undefined } } : {}),
    ...(items ? { items: items.map(withoutManagedFields) } : {}),
    ...(rows ? { rows: rows.map((row) => ({ ...row, object: withoutManagedFields(row.object) })) } : {}),
  };
}

interface Listed {
  readonly metadata?: object;
  readonly items?: readonly unknown[];
  readonly rows?: readonly { readonly object?: unknown }[];
}
