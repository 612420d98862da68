import { type FieldError, type FieldPath, notSupported, required, tooMany } from '@pilothouse/apimachinery';
import type { Container } from '@pilothouse/api';

const POLICIES = ['Always', 'Never', 'OnFailure'];
const ACTIONS = ['Restart', 'RestartAllContainers'];
const OPERATORS = ['In', 'NotIn'];
const NEEDS_POLICY = 'must specify restartPolicy when restart rules are used';
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

/** Of an init container without a policy nothing more is said than that its rules need one. */
export function validateInitRestartPolicy(container: Container, path: FieldPath, errors: FieldError[]): void {
  if (container.restartPolicy !== undefined) validateRestartPolicy(container, path, errors);
  else if (container.restartPolicyRules?.length) errors.push(required(path.child('restartPolicy'), NEEDS_POLICY));
}

/** A container's own restart policy and its rules by exit code (KEP-5307). */
export function validateRestartPolicy(container: Container, path: FieldPath, errors: FieldError[]): void {
  const policy = container.restartPolicy;
  const rules = container.restartPolicyRules ?? [];
  if (policy === undefined && rules.length === 0) return;
  const at = path.child('restartPolicy');
  if (policy === undefined) errors.push(required(at, NEEDS_POLICY));
  else if (!POLICIES.includes(policy)) errors.push(notSupported(at, policy, POLICIES));
  const rulesPath = path.child('restartPolicyRules');
  if (rules.length > MAX_RULES) errors.push(tooMany(rulesPath, rules.length, MAX_RULES));
  rules.forEach((rule, index) => {
    const rulePath = rulesPath.index(index);
    const action = rule.action ?? '';
    if (!ACTIONS.includes(action)) errors.push(notSupported(rulePath.child('action'), action, ACTIONS));
    if (!rule.exitCodes) {
      errors.push(required(rulePath.child('exitCodes'), 'must be specified'));
      return;
    }
    const { operator = '', values = [] } = rule.exitCodes;
    const codesPath = rulePath.child('exitCodes');
    if (!OPERATORS.includes(operator)) errors.push(notSupported(codesPath.child('operator'), operator, OPERATORS));
    if (values.length > MAX_EXIT_CODES) {
      errors.push(tooMany(codesPath.child('values'), values.length, MAX_EXIT_CODES));
    }
  });
}
