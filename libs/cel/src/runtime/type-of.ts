import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  UINT,
  type Type,
} from '../types/type.ts';
import { Duration, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from './value.ts';

const ANY_LIST = listOf(DYN);
const ANY_MAP = mapOf(DYN, DYN);
const ANY_OPTIONAL = optionalOf(DYN);
const ANY_TYPE: Type = { kind: 'type', of: DYN };

/** A value's type, as far as an overload is chosen by it: elements are dynamic. */
export function typeOf(value: Value): Type {
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    case 'string':
      return STRING;
    default:
      if (value === null) return NULL;
      if (Array.isArray(value)) return ANY_LIST;
      if (value instanceof Uint) return UINT;
      if (value instanceof Uint8Array) return BYTES;
      if (value instanceof Duration) return DURATION;
      if (value instanceof Timestamp) return TIMESTAMP;
      if (value instanceof Optional) return ANY_OPTIONAL;
      if (value instanceof TypeValue) return ANY_TYPE;
      if (value instanceof Opaque) return value.type;
      return ANY_MAP;
  }
}

/** What `type(value)` is called. */
export function typeName(value: Value): string {
  const type = typeOf(value);
  switch (type.kind) {
    case 'list':
      return 'list';
    case 'map':
      return (value as { typeName?: string }).typeName ?? 'map';
    case 'null':
      return 'null_type';
    case 'optional':
      return 'optional_type';
    case 'type':
      return 'type';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'opaque':
      return type.name;
    default:
      return type.kind;
  }
}
