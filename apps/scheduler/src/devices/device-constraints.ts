import type { DeviceAttribute, DeviceConstraint } from '@pilothouse/api';
import type { PooledDevice } from './device-pools.ts';

/** A device that was chosen for a request of a claim. */
export interface ChosenDevice {
  /** As results name it: `gpu`, or `gpu/large`. */
  readonly request: string;
  readonly device: PooledDevice;
}

/** Whether one more device of a claim keeps to all of its constraints, given those chosen before. */
export function satisfiesConstraints(
  constraints: readonly DeviceConstraint[],
  chosen: readonly ChosenDevice[],
  next: ChosenDevice,
): boolean {
  return constraints.every(({ requests = [], matchAttribute, distinctAttribute }) => {
    const attribute = matchAttribute ?? distinctAttribute;
    if (attribute === undefined || !concerns(requests, next.request)) return true;
    const value = attributeOf(next.device, attribute);
    if (value === undefined) return false;
    const others = chosen.filter(({ request }) => concerns(requests, request));
    const same = ({ device }: ChosenDevice): boolean => attributeOf(device, attribute) === value;
    return matchAttribute !== undefined ? others.every(same) : !others.some(same);
  });
}

/** No names mean all requests; the name of a list means each of its members. */
function concerns(requests: readonly string[], request: string): boolean {
  return requests.length === 0 || requests.includes(request) || requests.includes(request.split('/')[0]!);
}

/** As a text that is equal for equal values of the same type. */
function attributeOf({ device, driver }: PooledDevice, id: string): string | undefined {
  const slash = id.indexOf('/');
  const attribute: DeviceAttribute | undefined =
    device.attributes?.[id] ?? (id.slice(0, slash) === driver ? device.attributes?.[id.slice(slash + 1)] : undefined);
  return attribute && JSON.stringify(Object.entries(attribute));
}
