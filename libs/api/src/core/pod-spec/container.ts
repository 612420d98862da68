import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isDNS1123Label,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { Container } from '@pilothouse/api';
import { validateContainerResourceName } from '../resources/validate-resource-name.ts';
import { validateResourceRequirements } from '../resources/validate-resource-requirements.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import { validateContainerPorts } from './container-ports.ts';
import { validateContainerSecurityContext } from './container-security-context.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import type { PodSpecContext } from './pod-validation-options.ts';
import { validateResizePolicy } from './resize-policy.ts';
import { validateClaimReferences } from './resource-claims.ts';
import { validateVolumeDevices, validateVolumeMounts } from './volume-mounts.ts';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const TERMINATION_MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];

/** What holds for every container: regular, init and ephemeral. */
export function validateContainer(container: Container, path: FieldPath, context: PodSpecContext): void {
  const { errors } = context;
  if (!container.name) errors.push(required(path.child('name')));
  else pushInvalid(errors, path.child('name'), container.name, isDNS1123Label(container.name));
  if (!container.image) errors.push(required(path.child('image')));
  validatePolicy(
    container.terminationMessagePolicy,
    TERMINATION_MESSAGE_POLICIES,
    path.child('terminationMessagePolicy'),
    errors,
  );
  if (container.ports) validateContainerPorts(container.ports, path.child('ports'), errors);
  if (container.env) validateEnv(container.env, path.child('env'), errors);
  if (container.envFrom) validateEnvFrom(container.envFrom, path.child('envFrom'), errors);
  validateVolumeMounts(container, path.child('volumeMounts'), context);
  validateVolumeDevices(container, path.child('volumeDevices'), context);
  validatePullPolicy(container.imagePullPolicy, path.child('imagePullPolicy'), errors);
  if (container.resources) {
    const at = path.child('resources');
    validateResourceRequirements(container.resources, validateContainerResourceName, at, errors);
    validateClaimReferences(container.resources.claims ?? [], at.child('claims'), context);
  }
  if (container.resizePolicy) validateResizePolicy(container.resizePolicy, path.child('resizePolicy'), context);
  if (container.securityContext) {
    validateContainerSecurityContext(container.securityContext, path.child('securityContext'), context);
  }
}

export function validatePullPolicy(policy: string | undefined, path: FieldPath, errors: FieldError[]): void {
  validatePolicy(policy, PULL_POLICIES, path, errors);
}

/** Blanks around an image are refused in Pods only: templates with them exist. */
export function validateImageBlanks({ image = '' }: Container, path: FieldPath, errors: FieldError[]): void {
  if (image.trim() === image) return;
  errors.push(invalidValue(path.child('image'), image, 'must not have leading or trailing whitespace'));
}

function validatePolicy(
  value: string | undefined,
  valid: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!value) errors.push(required(path));
  else if (!valid.includes(value)) errors.push(notSupported(path, value, valid));
}
