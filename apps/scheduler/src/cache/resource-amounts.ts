import { parseQuantity } from '@pilothouse/apimachinery';

/**
 * Amounts of resources as plain integers: CPU in millicores, everything else in whole units (bytes, devices), each
 * rounded up. All arithmetic of the scheduler is on these, so that a quantity's text is read once.
 */
export interface ResourceAmounts {
  milliCpu: number;
  memory: number;
  ephemeralStorage: number;
  /** Extended resources, huge pages and the like, by name; absent where there are none, the usual case. */
  scalars: Map<string, number> | undefined;
}

export function emptyAmounts(): ResourceAmounts {
  return { milliCpu: 0, memory: 0, ephemeralStorage: 0, scalars: undefined };
}

export function cloneAmounts(amounts: ResourceAmounts): ResourceAmounts {
  return { ...amounts, scalars: amounts.scalars && new Map(amounts.scalars) };
}

/** The quantities of a `requests`, `limits`, `overhead` or `allocatable`; `pods` is counted apart and left out. */
export function amountsOf(quantities: Readonly<Record<string, string>> | undefined): ResourceAmounts {
  const amounts = emptyAmounts();
  for (const name in quantities) setAmount(amounts, name, amountOf(name, quantities[name]!));
  return amounts;
}

/** The amount of a quantity in the unit of its resource. */
export function amountOf(name: string, quantity: string): number {
  return name === 'cpu'
    ? memoized(milliValues, quantity, (text) => parseQuantity(text).toMilli())
    : memoized(values, quantity, (text) => parseQuantity(text).value());
}

export function getAmount(amounts: ResourceAmounts, name: string): number {
  if (name === 'cpu') return amounts.milliCpu;
  if (name === 'memory') return amounts.memory;
  if (name === 'ephemeral-storage') return amounts.ephemeralStorage;
  return amounts.scalars?.get(name) ?? 0;
}

export function setAmount(amounts: ResourceAmounts, name: string, value: number): void {
  if (name === 'cpu') amounts.milliCpu = value;
  else if (name === 'memory') amounts.memory = value;
  else if (name === 'ephemeral-storage') amounts.ephemeralStorage = value;
  else if (name !== 'pods') (amounts.scalars ??= new Map()).set(name, value);
}

/** Adds `sign` times `other` in place. */
export function addAmounts(amounts: ResourceAmounts, other: ResourceAmounts, sign: 1 | -1 = 1): void {
  amounts.milliCpu += sign * other.milliCpu;
  amounts.memory += sign * other.memory;
  amounts.ephemeralStorage += sign * other.ephemeralStorage;
  if (other.scalars) {
    for (const [name, value] of other.scalars) setAmount(amounts, name, getAmount(amounts, name) + sign * value);
  }
}

/** Raises each amount to at least that of `other`, in place. */
export function maxAmounts(amounts: ResourceAmounts, other: ResourceAmounts): void {
  amounts.milliCpu = Math.max(amounts.milliCpu, other.milliCpu);
  amounts.memory = Math.max(amounts.memory, other.memory);
  amounts.ephemeralStorage = Math.max(amounts.ephemeralStorage, other.ephemeralStorage);
  if (other.scalars) {
    for (const [name, value] of other.scalars) setAmount(amounts, name, Math.max(getAmount(amounts, name), value));
  }
}

// A cluster writes the same few quantities over and over; the bound only guards against one that does not.
const MEMO_LIMIT = 10_000;
const milliValues = new Map<string, number>();
const values = new Map<string, number>();

function memoized(memo: Map<string, number>, quantity: string, read: (quantity: string) => number): number {
  let value = memo.get(quantity);
  if (value === undefined) {
    value = read(quantity);
    if (memo.size >= MEMO_LIMIT) memo.clear();
    memo.set(quantity, value);
  }
  return value;
}
