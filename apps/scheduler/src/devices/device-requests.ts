import type { DeviceClass, DeviceRequest, DeviceSelector, DeviceToleration, ExactDeviceRequest } from '@pilothouse/api';
import { ClaimProblem } from './pod-resource-claims.ts';

/** One way to satisfy a request; a request with `firstAvailable` has several, the best first. */
export interface RequestAlternative {
  /** As results name it: `gpu`, or `gpu/large` of a list. */
  readonly name: string;
  readonly deviceClass: DeviceClass;
  readonly selectors: readonly DeviceSelector[];
  readonly mode: 'ExactCount' | 'All';
  readonly count: number;
  readonly adminAccess: boolean;
  readonly tolerations: readonly DeviceToleration[];
  /** How much of a device that may be allocated several times. */
  readonly capacity: Readonly<Record<string, string>>;
}

export interface PlannedRequest {
  readonly name: string;
  readonly alternatives: readonly RequestAlternative[];
}

/** Looks the classes of a request up; throws a ClaimProblem where one is missing. */
export function planRequest(
  { name, exactly, firstAvailable }: DeviceRequest,
  classOf: (name: string) => DeviceClass | undefined,
): PlannedRequest {
  if (exactly) return { name, alternatives: [planAlternative(name, name, exactly, classOf)] };
  const alternatives = (firstAvailable ?? []).map((sub) => planAlternative(name, `${name}/${sub.name}`, sub, classOf));
  if (alternatives.length === 0) throw new ClaimProblem(`request ${name}: unknown request type, no field set`);
  return { name, alternatives };
}

function planAlternative(
  requestName: string,
  name: string,
  request: ExactDeviceRequest,
  classOf: (name: string) => DeviceClass | undefined,
): RequestAlternative {
  const { deviceClassName, selectors = [], allocationMode, count, adminAccess, tolerations = [], capacity } = request;
  const deviceClass = classOf(deviceClassName);
  if (!deviceClass) throw new ClaimProblem(`request ${requestName}: device class ${deviceClassName} does not exist`);
  return {
    name,
    deviceClass,
    selectors: [...(deviceClass.spec.selectors ?? []), ...selectors],
    mode: allocationMode === 'All' ? 'All' : 'ExactCount',
    count: count ?? 1,
    adminAccess: adminAccess ?? false,
    tolerations,
    capacity: capacity?.requests ?? {},
  };
}
