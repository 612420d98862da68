import { deepEqual, isNotFound } from '@pilothouse/apimachinery';
import type { APIService, APIServiceCondition } from '@pilothouse/api';
import { NoReadyEndpoints, ServicePortNotFound } from '../connect/service-location.ts';
import { formatTime } from '../registry/metadata.ts';

/** What was found out about an extension server. */
export interface Finding {
  readonly available: boolean;
  readonly reason: string;
  readonly message: string;
}

export const LOCAL: Finding = { available: true, reason: 'Local', message: 'Local APIServices are always available' };
export const PASSED: Finding = { available: true, reason: 'Passed', message: 'all checks passed' };

const AVAILABLE = 'Available';

export function isAvailable({ status }: APIService): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === AVAILABLE && value === 'True') ?? false;
}

/** Pure: the APIService with its condition brought up to date; the same object when it says so already. */
export function withAvailability(service: APIService, { available, reason, message }: Finding, now: Date): APIService {
  const conditions = service.status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === AVAILABLE);
  const status = available ? 'True' : 'False';
  const unchanged = before?.status === status;
  const lastTransitionTime = unchanged ? before.lastTransitionTime : formatTime(now);
  const condition: APIServiceCondition = { type: AVAILABLE, status, lastTransitionTime, reason, message };
  if (before && deepEqual(before, condition)) return service;
  const others = conditions.filter((each) => each !== before);
  return { ...service, status: { ...service.status, conditions: [...others, condition] } };
}

/** The server was looked for, or asked, and this went wrong. Upstream: kube-aggregator's remote availability controller. */
export function findingOf({ spec }: APIService, error: Error): Finding {
  const service = `service/${spec.service?.name} in ${JSON.stringify(spec.service?.namespace)}`;
  const unavailable = (reason: string, message: string): Finding => ({ available: false, reason, message });
  if (isNotFound(error)) return unavailable('ServiceNotFound', `${service} is not present`);
  if (error instanceof ServicePortNotFound) {
    return unavailable('ServicePortError', `${service} is not listening on port ${error.port}`);
  }
  if (error instanceof NoReadyEndpoints) {
    const detail = `endpoints for ${service} have no addresses with port name ${JSON.stringify(error.portName)}`;
    return unavailable('MissingEndpoints', detail);
  }
  return unavailable('FailedDiscoveryCheck', error.message);
}
