/**
 * The type of an expression. `maxSize` is how long a string, bytes, list or map can be, as far as is known: it does not
 * matter for checking, only for estimating what an expression may cost.
 */
export type Type =
  | { readonly kind: SimpleKind; readonly maxSize?: number }
  | { readonly kind: 'list'; readonly element: Type; readonly maxSize?: number }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type; readonly maxSize?: number }
  | { readonly kind: 'optional' | 'type'; readonly of: Type; readonly maxSize?: number }
  | ObjectType
  /** A type of a library that expressions cannot look into: `kubernetes.Quantity`. */
  | { readonly kind: 'opaque'; readonly name: string; readonly maxSize?: number }
  /** Stands for any one type in a function's signature. */
  | { readonly kind: 'parameter'; readonly name: string; readonly maxSize?: number };

export type SimpleKind =
  | 'dyn'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'duration'
  | 'timestamp'
  /** Something wrong was found, and said, below: no further complaint about it. */
  | 'error';

/** An object with known fields. Their names are as expressions write them. */
export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly maxSize?: number;
}

export interface Field {
  readonly type: Type;
  /** As it stands in the object, where it differs from how expressions write it. */
  readonly jsonName: string;
}

export const DYN: Type = { kind: 'dyn' };
export const NULL: Type = { kind: 'null' };
export const BOOL: Type = { kind: 'bool' };
export const INT: Type = { kind: 'int' };
export const UINT: Type = { kind: 'uint' };
export const DOUBLE: Type = { kind: 'double' };
export const STRING: Type = { kind: 'string' };
export const BYTES: Type = { kind: 'bytes' };
export const DURATION: Type = { kind: 'duration' };
export const TIMESTAMP: Type = { kind: 'timestamp' };
export const ERROR: Type = { kind: 'error' };

export const listOf = (element: Type, maxSize?: number): Type => ({
  kind: 'list',
  element,
  ...(maxSize === undefined ? {} : { maxSize }),
});
export const mapOf = (key: Type, value: Type, maxSize?: number): Type => ({
  kind: 'map',
  key,
  value,
  ...(maxSize === undefined ? {} : { maxSize }),
});
export const optionalOf = (of: Type): Type => ({ kind: 'optional', of });
export const opaque = (name: string): Type => ({ kind: 'opaque', name });
export const parameter = (name: string): Type => ({ kind: 'parameter', name });

/** As messages name it: `list(string)`, `map(string, int)`. */
export function formatType(type: Type): string {
  switch (type.kind) {
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'optional':
      return `optional_type(${formatType(type.of)})`;
    case 'type':
      return `type(${formatType(type.of)})`;
    case 'object':
    case 'opaque':
    case 'parameter':
      return type.name;
    case 'duration':
      return 'google.protobuf.Duration';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'null':
      return 'null';
    case 'error':
      return '!error!';
    default:
      return type.kind;
  }
}
