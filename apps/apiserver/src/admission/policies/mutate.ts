import {
  applyJsonPatch,
  decodeJsonPatch,
  decodeJsonValue,
  isJsonObject,
  mergeObjects,
  StatusError,
  validateTyped,
  type KubeObject,
  type ObjectSchema,
} from '@pilothouse/apimachinery';
import { fn, STRING, type Overload } from '@pilothouse/cel';
import type { MutatingAdmissionPolicy } from '@pilothouse/api';
import type { Compiled } from './expressions.ts';
import { Expressions } from './expressions.ts';
import { jsonOfValue } from './json-of-value.ts';
import type { Scope } from './scope.ts';

/** A mutation that cannot be made: `failurePolicy` decides what that means. */
export class MutationError extends Error {}

/** https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/ */
export const jsonPatchLibrary: readonly Overload[] = [
  // RFC 6901, as in a JSON Patch's paths.
  fn('jsonpatch.escapeKey', [STRING], STRING, (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')),
];

export interface CompiledMutation {
  readonly patchType: string;
  readonly expression: Compiled;
}

export interface CompiledMutatingPolicy {
  readonly expressions: Expressions;
  readonly conditions: readonly Compiled[];
  readonly mutations: readonly CompiledMutation[];
}

const known = new WeakMap<MutatingAdmissionPolicy, CompiledMutatingPolicy>();

/** A policy's expressions, compiled once per version of the policy. */
export function compileMutatingPolicy(policy: MutatingAdmissionPolicy): CompiledMutatingPolicy {
  let compiled = known.get(policy);
  if (compiled === undefined) known.set(policy, (compiled = compileAnew(policy)));
  return compiled;
}

function compileAnew({ spec }: MutatingAdmissionPolicy): CompiledMutatingPolicy {
  const expressions = new Expressions({
    hasParams: spec.paramKind !== undefined,
    functions: jsonPatchLibrary,
    ...(spec.variables ? { variables: spec.variables } : {}),
  });
  return {
    expressions,
    conditions: (spec.matchConditions ?? []).map(({ expression }) => expressions.compileCondition(expression.trim())),
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => ({
      patchType,
      expression: expressions.compile(
        (patchType === 'JSONPatch' ? jsonPatch?.expression : applyConfiguration?.expression)?.trim() ?? '',
      ),
    })),
  };
}

/** The object after one mutation. Throws MutationError. */
export async function applyMutation(
  { patchType, expression }: CompiledMutation,
  scope: Scope,
  object: KubeObject,
  schema: ObjectSchema,
): Promise<KubeObject> {
  const outcome = await scope.evaluate(expression);
  if ('error' in outcome) throw new MutationError(outcome.error);
  const made = jsonOfValue(outcome.value);
  try {
    const next =
      patchType === 'JSONPatch' ? applyJsonPatch(object, decodeJsonPatch(made)) : applied(object, made, schema);
    return decodeJsonValue(schema, next).object;
  } catch (error) {
    if (error instanceof MutationError) throw error;
    throw new MutationError(
      error instanceof StatusError ? error.message : `error applying patch: ${(error as Error).message}`,
    );
  }
}

/** As server-side apply merges, with nothing removed. */
function applied(object: KubeObject, configuration: unknown, schema: ObjectSchema): KubeObject {
  if (!isJsonObject(configuration))
    throw new MutationError('unexpected return type from apply configuration expression: expected an Object');
  const { kind, apiVersion } = object;
  const whole = { kind, apiVersion, ...configuration };
  const errors = validateTyped(schema, whole);
  if (errors.length > 0) throw new MutationError(`error applying patch: ${errors.join('; ')}`);
  return mergeObjects(schema, object, whole);
}
