import type { Device, DeviceClass, DeviceClaim, DeviceRequest, ResourceClaim, ResourceSlice } from '@pilothouse/api';

export const DRIVER = 'gpu.example.com';

export function device(name: string, shape: Partial<Device> = {}): Device {
  return { name, ...shape };
}

/** One slice that is the whole pool of a node, unless its spec says otherwise. */
export function slice(nodeName: string, devices: Device[], spec: Partial<ResourceSlice['spec']> = {}): ResourceSlice {
  return {
    metadata: { name: `${nodeName}-${spec.pool?.name ?? ''}-${devices.map(({ name }) => name).join('-')}` },
    spec: {
      driver: DRIVER,
      nodeName,
      pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
      devices,
      ...spec,
    },
  };
}

export function deviceClass(name = 'gpu', spec: DeviceClass['spec'] = {}): DeviceClass {
  return { metadata: { name }, spec };
}

export function request(shape: Partial<NonNullable<DeviceRequest['exactly']>> = {}, name = 'gpu'): DeviceRequest {
  return { name, exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...shape } };
}

export function claim(name: string, devices: Partial<DeviceClaim> = {}): ResourceClaim {
  return {
    metadata: { namespace: 'default', name, uid: `claim-${name}` },
    spec: { devices: { requests: [request()], ...devices } },
  };
}
