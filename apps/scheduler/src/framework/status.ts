/**
 * What a plugin answers. The names are upstream's.
 *
 * - `Unschedulable`: this node does not fit now; evicting pods might help.
 * - `UnschedulableAndUnresolvable`: this node does not fit and preemption would not help.
 * - `Wait`: a permit plugin asks the pod to wait.
 * - `Skip`: a preFilter or preScore plugin has nothing to do for this pod, so its filter or score is left out; a bind
 *   plugin leaves the pod to the next one.
 * - `Pending`: the pod waits for something outside the scheduler; when that comes it is retried without backoff.
 */
export type StatusCode =
  | 'Success'
  | 'Error'
  | 'Unschedulable'
  | 'UnschedulableAndUnresolvable'
  | 'Wait'
  | 'Skip'
  | 'Pending';

/** Success is `undefined`, so that the ordinary case costs nothing. A status without a node's name in it may be shared. */
export class Status {
  readonly code: StatusCode;
  readonly reasons: readonly string[];
  readonly error: Error | undefined;
  /** The plugin that answered, set by the framework. */
  plugin = '';

  constructor(code: StatusCode, reasons: readonly string[] = [], error?: Error) {
    this.code = code;
    this.reasons = reasons;
    this.error = error;
  }

  get message(): string {
    return this.reasons.join(', ');
  }

  /** The plugin said no, as opposed to yes or to having failed. */
  get isRejected(): boolean {
    return this.code === 'Unschedulable' || this.code === 'UnschedulableAndUnresolvable' || this.code === 'Pending';
  }
}

export function unschedulable(...reasons: string[]): Status {
  return new Status('Unschedulable', reasons);
}

export function unresolvable(...reasons: string[]): Status {
  return new Status('UnschedulableAndUnresolvable', reasons);
}

/** Anything thrown, as the status of the plugin that threw it. */
export function errorStatus(error: unknown): Status {
  const failure = error instanceof Error ? error : new Error(String(error));
  return new Status('Error', [failure.message], failure);
}

export const SKIP = new Status('Skip');
export const WAIT = new Status('Wait');
