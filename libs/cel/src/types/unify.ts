import { DYN, type Type } from './type.ts';

/** What the parameters of a signature stand for in one call. */
export type Substitution = Map<string, Type>;

/** Whether a value of type `actual` may stand where `wanted` is asked; fills in `wanted`'s parameters. */
export function isAssignable(actual: Type, wanted: Type, substitution: Substitution): boolean {
  if (wanted.kind === 'parameter') {
    const bound = substitution.get(wanted.name);
    if (bound === undefined) {
      substitution.set(wanted.name, actual);
      return true;
    }
    if (isAssignable(actual, bound, substitution)) {
      if (actual.kind === 'dyn') substitution.set(wanted.name, DYN);
      return true;
    }
    // The other way round: the first argument was the narrower one.
    if (!isAssignable(bound, actual, substitution)) return false;
    substitution.set(wanted.name, actual);
    return true;
  }
  if (actual.kind === 'dyn' || wanted.kind === 'dyn' || actual.kind === 'error' || wanted.kind === 'error') return true;
  if (actual.kind === 'parameter') return true;
  if (actual.kind === 'null') return wanted.kind === 'null' || NULLABLE.has(wanted.kind);
  if (wanted.kind === 'null') return NULLABLE.has(actual.kind);
  switch (wanted.kind) {
    case 'list':
      return actual.kind === 'list' && isAssignable(actual.element, wanted.element, substitution);
    case 'map':
      return (
        actual.kind === 'map' &&
        isAssignable(actual.key, wanted.key, substitution) &&
        isAssignable(actual.value, wanted.value, substitution)
      );
    case 'optional':
      return actual.kind === 'optional' && isAssignable(actual.of, wanted.of, substitution);
    case 'type':
      return actual.kind === 'type';
    case 'object':
      return actual.kind === 'object' && actual.name === wanted.name;
    case 'opaque':
      return actual.kind === 'opaque' && actual.name === wanted.name;
    default:
      return actual.kind === wanted.kind;
  }
}

/** What is written as a message in CEL's own type system can be null. */
const NULLABLE = new Set<Type['kind']>(['object', 'opaque', 'duration', 'timestamp', 'optional']);

/** The type with its parameters replaced; one that nothing was found for is dynamic. */
export function substitute(type: Type, substitution: Substitution): Type {
  switch (type.kind) {
    case 'parameter':
      return substitution.get(type.name) ?? DYN;
    case 'list':
      return { ...type, element: substitute(type.element, substitution) };
    case 'map':
      return { ...type, key: substitute(type.key, substitution), value: substitute(type.value, substitution) };
    case 'optional':
    case 'type':
      return { ...type, of: substitute(type.of, substitution) };
    default:
      return type;
  }
}

/** The one type of two branches or elements. */
export function join(a: Type, b: Type): Type {
  if (a.kind === 'error') return b;
  if (b.kind === 'error') return a;
  const size = a.maxSize === undefined || b.maxSize === undefined ? undefined : Math.max(a.maxSize, b.maxSize);
  if (isAssignable(b, a, new Map()) && a.kind !== 'null') return withSize(a, size);
  return isAssignable(a, b, new Map()) ? withSize(b, size) : DYN;
}

/** `undefined` says that nothing is known of the size, which is not the same as 0: an empty string is known to be empty. */
export function withSize(type: Type, maxSize: number | undefined): Type {
  if (maxSize === type.maxSize) return type;
  const { maxSize: _, ...rest } = type;
  return maxSize === undefined ? rest : { ...rest, maxSize };
}
