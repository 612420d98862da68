import { Quantity } from '@pilothouse/apimachinery';
import type { CapacityRequestPolicy, Device } from '@pilothouse/api';

/**
 * What one allocation takes of a device that may be allocated several times: what was asked for, rounded up to what the
 * capacity's policy allows, or its default, or all of it. Undefined where the request can not be met.
 * KEP-5075 (consumable capacity).
 */
export function consumedCapacity(
  { capacity = {} }: Device,
  requests: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  if (Object.keys(requests).some((name) => !Object.hasOwn(capacity, name))) return undefined;
  const consumed: Record<string, string> = {};
  for (const [name, { value, requestPolicy }] of Object.entries(capacity)) {
    const wanted = requests[name] ?? requestPolicy?.default ?? value;
    const rounded = roundUp(Quantity.parse(wanted), requestPolicy);
    if (!rounded || rounded.compare(Quantity.parse(value)) > 0) return undefined;
    consumed[name] = rounded.toString();
  }
  return consumed;
}

function roundUp(wanted: Quantity, policy: CapacityRequestPolicy | undefined): Quantity | undefined {
  const { validValues, validRange } = policy ?? {};
  if (validValues?.length) {
    const allowed = validValues.map((value) => Quantity.parse(value)).sort((a, b) => a.compare(b));
    return allowed.find((value) => value.compare(wanted) >= 0);
  }
  if (!validRange) return wanted;
  const min = Quantity.parse(validRange.min);
  let rounded = wanted.compare(min) < 0 ? min : wanted;
  if (validRange.step) {
    const step = Quantity.parse(validRange.step).scaledValue(0);
    const above = rounded.sub(min).scaledValue(0);
    const rest = step > 0n ? above % step : 0n;
    if (rest > 0n) rounded = min.add(Quantity.of(above + step - rest));
  }
  return validRange.max && rounded.compare(Quantity.parse(validRange.max)) > 0 ? undefined : rounded;
}
