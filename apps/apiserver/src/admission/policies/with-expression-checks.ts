import {
  deepEqual,
  fieldPath,
  invalidValue,
  type FieldError,
  type FieldPath,
  type ResourceDefinition,
} from '@pilothouse/apimachinery';
import type {
  MatchCondition,
  MutatingAdmissionPolicy,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingWebhookConfiguration,
} from '@pilothouse/api';
import { compilePolicy } from './compiled-policy.ts';
import type { Compiled } from './expressions.ts';
import { compileConditions } from './match-conditions.ts';
import { compileMutatingPolicy } from './mutate.ts';

type WebhookConfiguration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

/** By kind: the errors of the expressions in an object that is otherwise valid. */
const CHECKS: Readonly<Record<string, ((object: never) => FieldError[]) | undefined>> = {
  MutatingWebhookConfiguration: webhookErrors,
  ValidatingWebhookConfiguration: webhookErrors,
  ValidatingAdmissionPolicy: validatingPolicyErrors,
  MutatingAdmissionPolicy: mutatingPolicyErrors,
};

/**
 * The definition of a kind that configures admission, with the part of its validation that needs the expression
 * language, which the library of kinds does not have. What did not change is not judged anew.
 */
export function withExpressionChecks(definition: ResourceDefinition): ResourceDefinition {
  const check = CHECKS[definition.kind];
  if (check === undefined || definition.group !== 'admissionregistration.k8s.io') return definition;
  const { strategy } = definition;
  return {
    ...definition,
    strategy: {
      ...strategy,
      validate(object: unknown, context) {
        const errors = strategy.validate(object, context);
        return errors.length > 0 ? errors : check(object as never);
      },
      validateUpdate(object: unknown, old: unknown, context) {
        const errors = strategy.validateUpdate(object, old, context);
        return errors.length > 0 || deepEqual(contentOf(object), contentOf(old)) ? errors : check(object as never);
      },
    },
  };
}

function contentOf(object: unknown): unknown {
  const { spec, webhooks } = object as { spec?: unknown; webhooks?: unknown };
  return spec ?? webhooks;
}

function webhookErrors({ webhooks = [] }: WebhookConfiguration): FieldError[] {
  return webhooks.flatMap(({ matchConditions = [] }, at) =>
    conditionErrors(matchConditions, compileConditions(matchConditions), fieldPath('webhooks').index(at)),
  );
}

function validatingPolicyErrors(policy: ValidatingAdmissionPolicy): FieldError[] {
  const { matchConditions = [] } = policy.spec;
  const { expressions, conditions, validations, auditAnnotations } = compilePolicy(policy);
  const spec = fieldPath('spec');
  return [
    ...variableErrors(expressions.variables, spec),
    ...conditionErrors(matchConditions, conditions, spec),
    ...validations.flatMap(({ expression, messageExpression }, at) => {
      const path = spec.child('validations').index(at);
      return [
        ...compileErrors(expression, path.child('expression'), ['bool']),
        ...(messageExpression ? compileErrors(messageExpression, path.child('messageExpression'), ['string']) : []),
      ];
    }),
    ...auditAnnotations.flatMap(({ value }, at) =>
      compileErrors(value, spec.child('auditAnnotations').index(at).child('valueExpression'), ['string', 'null']),
    ),
  ];
}

function mutatingPolicyErrors(policy: MutatingAdmissionPolicy): FieldError[] {
  const { matchConditions = [] } = policy.spec;
  const { expressions, conditions, mutations } = compileMutatingPolicy(policy);
  const spec = fieldPath('spec');
  return [
    ...variableErrors(expressions.variables, spec),
    ...conditionErrors(matchConditions, conditions, spec),
    ...mutations.flatMap(({ patchType, expression }, at) => {
      const field = patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration';
      return compileErrors(expression, spec.child('mutations').index(at).child(field).child('expression'));
    }),
  ];
}

function variableErrors(variables: readonly { readonly compiled: Compiled }[], spec: FieldPath): FieldError[] {
  return variables.flatMap(({ compiled }, at) =>
    compileErrors(compiled, spec.child('variables').index(at).child('expression')),
  );
}

function conditionErrors(
  conditions: readonly MatchCondition[],
  compiled: readonly Compiled[],
  parent: FieldPath,
): FieldError[] {
  return conditions.flatMap((_, at) =>
    compileErrors(compiled[at]!, parent.child('matchConditions').index(at).child('expression'), ['bool']),
  );
}

/** Also says when what it evaluates to is known beforehand and of no use here; any type is allowed unless given. */
function compileErrors(compiled: Compiled, path: FieldPath, kinds?: readonly string[]): FieldError[] {
  if ('program' in compiled) {
    const { kind } = compiled.program.type;
    if (kinds === undefined || kind === 'dyn' || kinds.includes(kind)) return [];
    const names = kinds.map((each) => (each === 'null' ? 'null_type' : each));
    const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
    return [invalidValue(path, compiled.source, `must evaluate to ${wanted}`)];
  }
  return [invalidValue(path, compiled.source, compiled.error.replace(/^compilation error: /, ''))];
}
