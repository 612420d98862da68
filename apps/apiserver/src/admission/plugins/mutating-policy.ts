import { deepEqual, forbidden, StatusError, type KubeObject } from '@pilothouse/apimachinery';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '@pilothouse/api';
import type { Authorizer } from '../../authorization/authorizer.ts';
import { codecFor } from '../../printing/meta-codecs.ts';
import type { Resources } from '../../registry/resources.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';
import { applicableBindings } from '../policies/applicable-bindings.ts';
import { evaluateConditions } from '../policies/match-conditions.ts';
import { applyMutation, compileMutatingPolicy, MutationError } from '../policies/mutate.ts';
import { objectsFor } from '../policies/objects-for.ts';
import { collectParams, ConfigurationError } from '../policies/params.ts';
import { PolicySource } from '../policies/policy-source.ts';
import { Scope } from '../policies/scope.ts';
import type { Reinvocation } from '../reinvocation.ts';
import { fromInvokedVersion, type Invocation } from '../webhooks/invocation.ts';
import { isAdmissionConfiguration } from '../webhooks/match-rules.ts';
import { replaceObject } from '../webhooks/replace-object.ts';

const PLUGIN = 'MutatingAdmissionPolicy';

interface Services {
  readonly resources: Resources;
  readonly authorizer: Authorizer;
}

/** Changes as expressions, kept in the cluster. https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/ */
export function mutatingAdmissionPolicy(services: Services): AdmissionPlugin {
  const source = new PolicySource<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>(
    services.resources,
    'mutatingadmissionpolicies',
    'mutatingadmissionpolicybindings',
  );
  return {
    name: PLUGIN,
    operations: ['CREATE', 'UPDATE'],
    async mutate(attributes, reinvocation) {
      if (attributes.object === undefined || isAdmissionConfiguration(attributes)) return;
      const round = reinvocation.roundOf(PLUGIN);
      if (reinvocation.isSecond && round.hasChanged(attributes.object)) round.requireAgain();
      const applicable = applicableBindings(source.boundFor(attributes), attributes, services.resources);
      for await (const { policy, binding, invocation } of applicable) {
        await invoke(policy, binding, attributes, invocation, reinvocation, services);
      }
      round.finish(attributes.object);
    },
  };
}

async function invoke(
  policy: MutatingAdmissionPolicy,
  binding: MutatingAdmissionPolicyBinding,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  reinvocation: Reinvocation,
  services: Services,
): Promise<void> {
  const round = reinvocation.roundOf(PLUGIN);
  const id = `${policy.metadata.name}/${binding.metadata.name}`;
  if (reinvocation.isSecond && !round.isRequired(id)) return;
  try {
    if (await mutateWith(policy, binding, attributes, invocation, services)) {
      round.requireAgain();
      reinvocation.want();
    }
  } catch (error) {
    const isOurs = error instanceof MutationError || error instanceof ConfigurationError;
    if (!isOurs) throw error;
    if (policy.spec.failurePolicy !== 'Ignore') throw refused(policy, binding, attributes, error);
  }
  if (policy.spec.reinvocationPolicy === 'IfNeeded') round.markInvoked(id);
}

/** Whether the object is another one now. */
async function mutateWith(
  policy: MutatingAdmissionPolicy,
  binding: MutatingAdmissionPolicyBinding,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  { resources, authorizer }: Services,
): Promise<boolean> {
  const compiled = compileMutatingPolicy(policy);
  let changed = false;
  for (const params of await collectParams(policy.spec.paramKind, binding.spec.paramRef, attributes, resources)) {
    const objects = await objectsFor(attributes, invocation, resources);
    const scopeOf = (object: KubeObject): Scope =>
      new Scope(attributes, invocation, { ...objects, object, params }, authorizer, compiled.expressions.variables);
    const before = objects.object!;
    const match = await evaluateConditions(compiled.conditions, scopeOf(before));
    if ('error' in match) throw new MutationError(match.error);
    if (!match.matches) continue;
    let after = before;
    // Each mutation sees what those before it made.
    for (const mutation of compiled.mutations)
      after = await applyMutation(mutation, scopeOf(after), after, schemaOf(invocation));
    if (deepEqual(before, after)) continue;
    changed = true;
    replaceObject(attributes.object!, await fromInvokedVersion(invocation, structuredClone(after), attributes));
  }
  return changed;
}

function schemaOf({ served, resource, kind }: Invocation) {
  return served?.versions.get(resource.version)?.version.schema ?? codecFor(kind.group, kind.version, kind.kind).schema;
}

function refused(
  policy: MutatingAdmissionPolicy,
  binding: MutatingAdmissionPolicyBinding,
  attributes: AdmissionAttributes,
  error: Error,
): StatusError {
  const { definition, name, object } = attributes;
  const why = error instanceof ConfigurationError ? `failed to configure binding: ${error.message}` : error.message;
  const text = `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${why}`;
  const objectName = name || (object?.metadata?.name ?? '');
  const { status } = forbidden(definition, objectName, text);
  return new StatusError({
    ...status,
    reason: 'Invalid',
    code: 422,
    details: { ...status.details, causes: [{ message: text }] },
  });
}
