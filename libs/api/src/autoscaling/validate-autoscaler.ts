import {
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  notSupported,
  parseQuantity,
  required,
} from '@pilothouse/apimachinery';
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscaler,
  HPAScalingPolicy,
  HPAScalingRules,
} from '@pilothouse/api';
import { validateMetrics } from './validate-metrics.ts';
import { apiVersionProblem, validateReference } from './validate-reference.ts';

const SPEC = fieldPath('spec');
const SELECT_POLICIES = ['Disabled', 'Max', 'Min'];
const POLICY_TYPES = ['Percent', 'Pods'];
const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;

/** `old`: what was stored before keeps what was allowed then. */
export function validateAutoscaler({ spec }: HorizontalPodAutoscaler, old?: HorizontalPodAutoscaler): FieldError[] {
  const errors: FieldError[] = [];
  const { minReplicas, maxReplicas, scaleTargetRef } = spec;
  const lowest = old?.spec.minReplicas === 0 ? 0 : 1;
  const max = SPEC.child('maxReplicas');
  if (minReplicas !== undefined && minReplicas < lowest) {
    errors.push(invalidValue(SPEC.child('minReplicas'), minReplicas, `must be greater than or equal to ${lowest}`));
  }
  if (maxReplicas < 1) errors.push(invalidValue(max, maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalidValue(max, maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  validateReference(scaleTargetRef, SPEC.child('scaleTargetRef'), errors);
  const problem = targetVersionProblem(scaleTargetRef);
  if (problem && !(old && targetVersionProblem(old.spec.scaleTargetRef))) {
    errors.push(invalidValue(SPEC.child('scaleTargetRef', 'apiVersion'), scaleTargetRef.apiVersion ?? '', problem));
  }
  validateMetrics(spec, SPEC.child('metrics'), errors);
  validateRules(spec.behavior?.scaleUp, SPEC.child('behavior', 'scaleUp'), errors);
  validateRules(spec.behavior?.scaleDown, SPEC.child('behavior', 'scaleDown'), errors);
  return errors;
}

/** All that scales has a group, but for one. */
function targetVersionProblem({ kind, apiVersion = '' }: CrossVersionObjectReference): string | undefined {
  const problem = apiVersionProblem(apiVersion);
  if (problem || kind === 'ReplicationController') return problem;
  return apiVersion.indexOf('/') > 0 ? undefined : 'apiVersion must specify API group';
}

function validateRules(rules: HPAScalingRules | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!rules) return;
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const at = path.child('stabilizationWindowSeconds');
  if (window !== undefined && window < 0)
    errors.push(invalidValue(at, window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > MAX_WINDOW_SECONDS) {
    errors.push(invalidValue(at, window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  }
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    errors.push(notSupported(path.child('selectPolicy'), selectPolicy, SELECT_POLICIES));
  }
  if (policies.length === 0) errors.push(required(path.child('policies'), 'must specify at least one Policy'));
  policies.forEach((policy, index) => validatePolicy(policy, path.child('policies').index(index), errors));
  if (tolerance !== undefined && parseQuantity(tolerance).sign < 0) {
    errors.push(invalidValue(path.child('tolerance'), tolerance, 'must be greater than or equal to 0'));
  }
}

function validatePolicy({ type, value, periodSeconds }: HPAScalingPolicy, path: FieldPath, errors: FieldError[]): void {
  if (!POLICY_TYPES.includes(type)) errors.push(notSupported(path.child('type'), type, POLICY_TYPES));
  if (value <= 0) errors.push(invalidValue(path.child('value'), value, 'must be greater than zero'));
  const at = path.child('periodSeconds');
  if (periodSeconds <= 0) errors.push(invalidValue(at, periodSeconds, 'must be greater than zero'));
  if (periodSeconds > MAX_PERIOD_SECONDS) {
    errors.push(invalidValue(at, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`));
  }
}
