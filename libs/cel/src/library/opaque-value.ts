import { Opaque, type Value } from '../runtime/value.ts';
import { opaque, type Type } from '../types/type.ts';

/** Makes a library's type: values hold an `inner` that only the library looks at, equal when their texts are. */
export function opaqueKind<T>(name: string, textOf: (inner: T) => string) {
  const type = opaque(name) as Type & { kind: 'opaque' };
  class OpaqueValue extends Opaque {
    readonly type = type;
    readonly inner: T;
    constructor(inner: T) {
      super();
      this.inner = inner;
    }
    equals(other: Value): boolean {
      return other instanceof OpaqueValue && textOf(this.inner) === textOf(other.inner);
    }
    text(): string {
      return textOf(this.inner);
    }
  }
  return { type, Value: OpaqueValue };
}
