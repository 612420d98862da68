import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isHTTPHeaderName,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { Container, HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '@pilothouse/api';
import { validateNonNegative } from '../validation/numbers.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import { validatePortNumOrName } from './container-ports.ts';
import type { PodSpecContext } from './pod-validation-options.ts';
import { validateStopSignal } from './stop-signal.ts';

const HTTP_SCHEMES = ['HTTP', 'HTTPS'];
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;

export function validateProbes(container: Container, path: FieldPath, context: PodSpecContext): void {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  if (livenessProbe) {
    validateProbe(livenessProbe, path.child('livenessProbe'), context);
    validateOneSuccess(livenessProbe, path.child('livenessProbe'), context.errors);
  }
  if (readinessProbe) {
    validateProbe(readinessProbe, path.child('readinessProbe'), context);
    const seconds = readinessProbe.terminationGracePeriodSeconds;
    if (seconds !== undefined) {
      const at = path.child('readinessProbe', 'terminationGracePeriodSeconds');
      context.errors.push(invalidValue(at, seconds, 'must not be set for readinessProbes'));
    }
  }
  if (startupProbe) {
    validateProbe(startupProbe, path.child('startupProbe'), context);
    validateOneSuccess(startupProbe, path.child('startupProbe'), context.errors);
  }
}

/** A container that is restarted on failure cannot be asked to succeed twice. */
function validateOneSuccess(probe: Probe, path: FieldPath, errors: FieldError[]): void {
  const threshold = probe.successThreshold ?? 0;
  if (threshold !== 1) errors.push(invalidValue(path.child('successThreshold'), threshold, 'must be 1'));
}

function validateProbe(probe: Probe, path: FieldPath, context: PodSpecContext): void {
  const { errors } = context;
  validateHandler(probe, path, context);
  validateNonNegative(probe.initialDelaySeconds, path.child('initialDelaySeconds'), errors);
  validateNonNegative(probe.timeoutSeconds, path.child('timeoutSeconds'), errors);
  validateNonNegative(probe.periodSeconds, path.child('periodSeconds'), errors);
  validateNonNegative(probe.successThreshold, path.child('successThreshold'), errors);
  validateNonNegative(probe.failureThreshold, path.child('failureThreshold'), errors);
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds !== undefined && seconds <= 0) {
    errors.push(invalidValue(path.child('terminationGracePeriodSeconds'), seconds, 'must be greater than 0'));
  }
}

export function validateLifecycle(lifecycle: Lifecycle, path: FieldPath, context: PodSpecContext): void {
  if (lifecycle.postStart) validateHandler(lifecycle.postStart, path.child('postStart'), context);
  if (lifecycle.preStop) validateHandler(lifecycle.preStop, path.child('preStop'), context);
  if (lifecycle.stopSignal !== undefined) {
    validateStopSignal(lifecycle.stopSignal, context.spec.os?.name, path.child('stopSignal'), context.errors);
  }
}

/** Exactly one way to reach the container. */
function validateHandler(handler: Handler, path: FieldPath, { spec, errors }: PodSpecContext): void {
  let found = false;
  for (const kind of HANDLERS) {
    if (!handler[kind]) continue;
    const at = path.child(kind);
    if (found) errors.push(forbiddenField(at, 'may not specify more than 1 handler type'));
    else validateHandlerOf(kind, handler, at, spec.terminationGracePeriodSeconds, errors);
    found = true;
  }
  if (!found) errors.push(required(path, 'must specify a handler type'));
}

function validateHandlerOf(
  kind: (typeof HANDLERS)[number],
  handler: Handler,
  path: FieldPath,
  gracePeriodSeconds: number | undefined,
  errors: FieldError[],
): void {
  if (kind === 'exec') {
    if (!handler.exec?.command?.length) errors.push(required(path.child('command')));
  } else if (kind === 'httpGet') {
    if (handler.httpGet) validateHttpGet(handler.httpGet, path, errors);
  } else if (kind === 'sleep') {
    const seconds = handler.sleep?.seconds ?? 0;
    if (gracePeriodSeconds !== undefined && (seconds < 0 || seconds > gracePeriodSeconds)) {
      const detail = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriodSeconds})`;
      errors.push(invalidValue(path, seconds, detail));
    }
  } else validatePortNumOrName(handler[kind]?.port, path.child('port'), errors);
}

function validateHttpGet(http: HTTPGetAction, path: FieldPath, errors: FieldError[]): void {
  if (!http.path) errors.push(required(path.child('path')));
  validatePortNumOrName(http.port, path.child('port'), errors);
  const scheme = http.scheme ?? '';
  if (!HTTP_SCHEMES.includes(scheme)) errors.push(notSupported(path.child('scheme'), scheme, HTTP_SCHEMES));
  for (const header of http.httpHeaders ?? []) {
    pushInvalid(errors, path.child('httpHeaders'), header.name, isHTTPHeaderName(header.name));
  }
}
