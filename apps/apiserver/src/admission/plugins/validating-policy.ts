import { StatusError, forbidden, type KubeObject } from '@pilothouse/apimachinery';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '@pilothouse/api';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { Resources } from '../../registry/resources.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';
import { applicableBindings } from '../policies/applicable-bindings.ts';
import { compilePolicy } from '../policies/compiled-policy.ts';
import { objectsFor } from '../policies/objects-for.ts';
import { collectParams, ConfigurationError } from '../policies/params.ts';
import { PolicySource } from '../policies/policy-source.ts';
import { Scope } from '../policies/scope.ts';
import { validateWithPolicy, type Denial } from '../policies/validate.ts';
import type { Invocation } from '../webhooks/invocation.ts';
import { isAdmissionConfiguration } from '../webhooks/match-rules.ts';

interface Refusal extends Denial {
  readonly policy: string;
  readonly binding: string | undefined;
}

interface Services {
  readonly resources: Resources;
  readonly authorizer: Authorizer;
}

/** Rules as expressions, kept in the cluster. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ */
export function validatingAdmissionPolicy(services: Services): AdmissionPlugin {
  const source = new PolicySource<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>(
    services.resources,
    'validatingadmissionpolicies',
    'validatingadmissionpolicybindings',
  );
  return {
    name: 'ValidatingAdmissionPolicy',
    operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
    async validate(attributes) {
      if (isAdmissionConfiguration(attributes)) return;
      const failures = new Notes();
      const refusals: Refusal[] = [];
      const applicable = applicableBindings(source.boundFor(attributes), attributes, services.resources);
      for await (const { policy, binding, invocation } of applicable) {
        refusals.push(...(await applyBinding(policy, binding, attributes, invocation, services, failures)));
      }
      failures.publish(attributes);
      if (refusals[0]) throw refused(attributes, refusals[0]);
    },
  };
}

async function applyBinding(
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  { resources, authorizer }: Services,
  notes: Notes,
): Promise<Refusal[]> {
  const names = { policy: policy.metadata.name ?? '', binding: binding.metadata.name ?? '' };
  const tolerant = policy.spec.failurePolicy === 'Ignore';
  const compiled = compilePolicy(policy);
  const refusals: Refusal[] = [];
  try {
    const objects = await objectsFor(attributes, invocation, resources);
    for (const params of await collectParams(policy.spec.paramKind, binding.spec.paramRef, attributes, resources)) {
      const scope = new Scope(
        attributes,
        invocation,
        { ...objects, params },
        authorizer,
        compiled.expressions.variables,
      );
      const { denials, annotations } = await validateWithPolicy(compiled, scope, tolerant);
      for (const { key, value } of annotations) notes.annotate(`${names.policy}/${key}`, value);
      for (const denial of denials) {
        const actions = binding.spec.validationActions ?? [];
        if (actions.includes('Deny')) refusals.push({ ...denial, ...names });
        if (actions.includes('Audit')) notes.failed(denial, names, actions);
        if (actions.includes('Warn')) {
          attributes.warn(
            `Validation failed for ValidatingAdmissionPolicy '${names.policy}' with binding '${names.binding}': ${denial.message}`,
          );
        }
      }
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    if (!tolerant)
      refusals.push({ ...names, message: `failed to configure binding: ${error.message}`, reason: undefined });
  }
  return refusals;
}

const CODES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

function refused(
  attributes: AdmissionAttributes,
  { policy, binding, message, reason = 'Invalid' }: Refusal,
): StatusError {
  const text = `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${message}`;
  const name = attributes.name || nameOf(attributes.object);
  const { status } = forbidden(attributes.definition, name, text);
  const details = { ...status.details, causes: [...(status.details?.causes ?? []), { message: text }] };
  return new StatusError({ ...status, reason, code: CODES[reason] ?? 422, details });
}

const nameOf = (object: KubeObject | undefined) => object?.metadata?.name || (object?.metadata?.generateName ?? '');

/** What policies leave for the audit event: several may write under one key. */
class Notes {
  readonly #annotations = new Map<string, string[]>();
  readonly #failures: object[] = [];

  annotate(key: string, value: string): void {
    const values = this.#annotations.get(key) ?? [];
    if (!values.includes(value)) this.#annotations.set(key, [...values, value]);
  }

  failed(
    { message, index = 0 }: Denial,
    names: { policy: string; binding: string },
    validationActions: readonly string[],
  ): void {
    this.#failures.push({ message, ...names, expressionIndex: index, validationActions });
  }

  publish({ annotate }: AdmissionAttributes): void {
    for (const [key, values] of this.#annotations) annotate?.(key, values.join(', '));
    if (this.#failures.length > 0)
      annotate?.('validation.policy.admission.k8s.io/validation_failure', JSON.stringify(this.#failures));
  }
}
