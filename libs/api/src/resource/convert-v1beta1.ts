import type { resourceV1, resourceV1beta1 } from '@pilothouse/api';
import { defaultAllocation } from './device-claim.ts';

/**
 * v1beta1 wrote the one request that may have no alternatives flat into the request, and a device below `basic`.
 * Nothing else has changed since.
 */
type Request = resourceV1.DeviceRequest;
type FlatRequest = resourceV1beta1.DeviceRequest;

const EXACT_FIELDS = [
  'deviceClassName',
  'selectors',
  'allocationMode',
  'count',
  'adminAccess',
  'tolerations',
  'capacity',
] as const;

export function defaultV1beta1Claim(claim: resourceV1beta1.DeviceClaim | undefined): void {
  for (const request of claim?.requests ?? []) {
    if (request.firstAvailable?.length) request.firstAvailable.forEach(defaultAllocation);
    else defaultAllocation(request);
  }
}

export function claimFromV1beta1(claim: resourceV1beta1.DeviceClaim | undefined): resourceV1.DeviceClaim {
  return { ...claim, requests: claim?.requests?.map(fromFlat) ?? null } as resourceV1.DeviceClaim;
}

export function claimToV1beta1(claim: resourceV1.DeviceClaim | undefined): resourceV1beta1.DeviceClaim {
  return { ...claim, requests: claim?.requests?.map(toFlat) ?? null } as resourceV1beta1.DeviceClaim;
}

function fromFlat(request: FlatRequest): Request {
  const { name, firstAvailable } = request;
  const given = EXACT_FIELDS.filter(
    (field) => request[field] !== undefined && request[field] !== '' && request[field] !== 0,
  );
  const exactly = Object.fromEntries(
    given.map((field) => [field, request[field]]),
  ) as unknown as resourceV1.ExactDeviceRequest;
  return { name, ...(given.length > 0 ? { exactly } : {}), ...(firstAvailable ? { firstAvailable } : {}) };
}

function toFlat({ name, exactly, firstAvailable }: Request): FlatRequest {
  return { name, ...exactly, ...(firstAvailable ? { firstAvailable } : {}) } as FlatRequest;
}

export function deviceFromV1beta1({ name, basic }: resourceV1beta1.Device): resourceV1.Device {
  return { name, ...basic };
}

export function deviceToV1beta1({ name, ...basic }: resourceV1.Device): resourceV1beta1.Device {
  return Object.keys(basic).length > 0 ? { name, basic } : { name };
}
