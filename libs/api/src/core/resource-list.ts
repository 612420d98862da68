import { parseQuantity, type Quantity } from '@pilothouse/apimachinery';

/** Amounts by resource name, as they stand in requests, limits, capacities and quotas. */
export type ResourceList = Record<string, string>;

const MILLI_SCALE = -3;
/** A canonical text finer than a thousandth ends in `u` or `n`, or has an exponent. */
const MAY_BE_FINER = /[une]/;

/** Amounts finer than a thousandth are rounded up, on every read and write; nothing schedules with them. In place. */
export function roundUpResourceList(list: ResourceList | undefined): void {
  for (const name in list) {
    const text = list[name] ?? '0';
    if (MAY_BE_FINER.test(text)) list[name] = parseQuantity(text).roundUp(MILLI_SCALE).toString();
  }
}

/** Adds `list` to `total`, in place. */
export function addResources(total: Map<string, Quantity>, list: ResourceList | undefined): void {
  for (const [name, text] of Object.entries(list ?? {})) {
    const amount = parseQuantity(text);
    total.set(name, total.get(name)?.add(amount) ?? amount);
  }
}

/** Raises `total` to at least `list`, in place. */
export function raiseResources(total: Map<string, Quantity>, list: ReadonlyMap<string, Quantity>): void {
  for (const [name, amount] of list) {
    const current = total.get(name);
    if (current === undefined || amount.compare(current) > 0) total.set(name, amount);
  }
}
