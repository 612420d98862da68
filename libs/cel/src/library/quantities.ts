import { Quantity, QuantityError } from '@pilothouse/apimachinery';
import { EvaluationError } from '../runtime/evaluation-error.ts';
import { inInt64, type Value } from '../runtime/value.ts';
import { BOOL, DOUBLE, INT, STRING } from '../types/type.ts';
import { opaqueKind } from './opaque-value.ts';
import { fn, method, readsFirst, type Overload } from './overload.ts';

const KIND = opaqueKind<Quantity>('kubernetes.Quantity', (quantity) => quantity.toString());
type QuantityValue = InstanceType<typeof KIND.Value>;
const Q = KIND.type;

export function quantity(text: string): QuantityValue {
  try {
    return new KIND.Value(Quantity.parse(text));
  } catch (error) {
    if (error instanceof QuantityError) throw new EvaluationError(error.message);
    throw error;
  }
}

function isQuantity(text: string): boolean {
  try {
    Quantity.parse(text);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

/** The whole number that it is; undefined when it is none, or too large for an int. */
function wholeNumber(value: Quantity): bigint | undefined {
  const rounded = value.scaledValue(0);
  return Quantity.of(rounded).compare(value) === 0 && inInt64(rounded) ? rounded : undefined;
}

function toInt(value: Quantity): bigint {
  const whole = wholeNumber(value);
  if (whole === undefined) throw new EvaluationError('cannot convert value to integer');
  return whole;
}

const combine = (name: 'add' | 'sub'): Overload[] => [
  method(name, [Q, Q], Q, (a: QuantityValue, b: QuantityValue) => new KIND.Value(a.inner[name](b.inner))),
  method(name, [Q, INT], Q, (a: QuantityValue, b: bigint) => new KIND.Value(a.inner[name](Quantity.of(b)))),
];

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library */
export const quantities: readonly Overload[] = [
  fn('quantity', [STRING], Q, quantity, readsFirst),
  fn('isQuantity', [STRING], BOOL, isQuantity, readsFirst),
  method('sign', [Q], INT, ({ inner }: QuantityValue): Value => BigInt(inner.sign)),
  method('isInteger', [Q], BOOL, ({ inner }: QuantityValue) => wholeNumber(inner) !== undefined),
  method('asInteger', [Q], INT, ({ inner }: QuantityValue): Value => toInt(inner)),
  method('asApproximateFloat', [Q], DOUBLE, ({ inner }: QuantityValue): Value => inner.toNumber()),
  ...combine('add'),
  ...combine('sub'),
  method('isLessThan', [Q, Q], BOOL, (a: QuantityValue, b: QuantityValue) => a.inner.compare(b.inner) < 0),
  method('isGreaterThan', [Q, Q], BOOL, (a: QuantityValue, b: QuantityValue) => a.inner.compare(b.inner) > 0),
  method('compareTo', [Q, Q], INT, (a: QuantityValue, b: QuantityValue): Value => BigInt(a.inner.compare(b.inner))),
];
