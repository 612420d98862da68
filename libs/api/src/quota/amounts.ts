import { parseQuantity, ZERO_QUANTITY, type Quantity } from '@pilothouse/apimachinery';

/** How much of each resource, by the names that quotas use: `pods`, `requests.cpu`, `count/widgets.example.com`. */
export type Amounts = Readonly<Record<string, Quantity>>;

export function parseAmounts(texts: Readonly<Record<string, string>> | undefined): Amounts {
  return mapValues(texts ?? {}, (text) => parseQuantity(text));
}

export function printAmounts(amounts: Amounts): Record<string, string> {
  return mapValues(amounts, (amount) => amount.toString());
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  const sum: Record<string, Quantity> = { ...a };
  for (const [name, amount] of Object.entries(b)) sum[name] = sum[name]?.add(amount) ?? amount;
  return sum;
}

/** What `a` has more than `b`. */
export function excessAmounts(a: Amounts, b: Amounts): Amounts {
  return Object.fromEntries(
    Object.entries(subtractAmounts(a, b)).filter(([, amount]) => amount.compare(ZERO_QUANTITY) > 0),
  );
}

function subtractAmounts(a: Amounts, b: Amounts): Amounts {
  const difference: Record<string, Quantity> = { ...a };
  for (const [name, amount] of Object.entries(b)) difference[name] = (difference[name] ?? ZERO_QUANTITY).sub(amount);
  return difference;
}

/** Only the amounts of these names. */
export function maskAmounts(amounts: Amounts, names: Iterable<string>): Amounts {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => wanted.has(name)));
}

/** Names of which there is less than nothing. */
export function negativeNames(amounts: Amounts): string[] {
  return Object.keys(amounts).filter((name) => amounts[name]!.compare(ZERO_QUANTITY) < 0);
}

/** Names of which there is more than the limit allows; what has no limit is not among them. */
export function exceededNames(amounts: Amounts, limits: Amounts): string[] {
  return Object.keys(amounts).filter((name) => limits[name] !== undefined && amounts[name]!.compare(limits[name]) > 0);
}

/** `cpu=1,pods=2`, as in upstream's messages. */
export function describeAmounts(amounts: Amounts): string {
  return Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${amounts[name]}`)
    .join(',');
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
