import type { ExpressionWarning, ValidatingAdmissionPolicy } from '@pilothouse/api';
import {
  CompileError,
  DYN,
  Environment,
  method,
  STRING,
  type ObjectType,
  type Overload,
  type Type,
} from '@pilothouse/cel';

/** A kind that a policy is for, as expressions see it. */
export interface CheckedKind {
  /** `apps/v1, Kind=Deployment` */
  readonly name: string;
  readonly type: Type;
}

/** What an authorizer and its checks can be asked; the apiserver knows their types, here they are not what is checked. */
const AUTHORIZER_METHODS: readonly Overload[] = [
  ...['allowed', 'reason', 'errored', 'error'].map((name) => method(name, [DYN], DYN, () => null)),
  ...['path', 'group', 'resource', 'subresource', 'namespace', 'name', 'fieldSelector', 'labelSelector', 'check'].map(
    (name) => method(name, [DYN, STRING], DYN, () => null),
  ),
  method('serviceAccount', [DYN, STRING, STRING], DYN, () => null),
];

/** What is wrong with a policy's expressions for the kinds it matches. Pure. Upstream: validating.TypeChecker. */
export function checkTypes(
  { spec }: ValidatingAdmissionPolicy,
  kinds: readonly CheckedKind[],
  params: Type | undefined,
): ExpressionWarning[] {
  const environments = kinds.map(({ name, type }) => ({
    name,
    environment: environmentFor(type, params, spec.variables ?? []),
  }));
  const warnings: ExpressionWarning[] = [];
  const check = (fieldRef: string, expression: string | undefined): void => {
    if (!expression) return;
    const problems = environments.flatMap(({ name, environment }) => {
      const problem = problemOf(environment, expression);
      return problem === undefined ? [] : [`${name}: ${problem}`];
    });
    if (problems.length > 0) warnings.push({ fieldRef, warning: problems.join('\n') });
  };
  for (const [index, { expression, messageExpression }] of (spec.validations ?? []).entries()) {
    check(`spec.validations[${index}].expression`, expression);
    check(`spec.validations[${index}].messageExpression`, messageExpression);
  }
  return warnings;
}

function environmentFor(
  object: Type,
  params: Type | undefined,
  variables: readonly { name: string; expression: string }[],
): Environment {
  const base = {
    object,
    oldObject: object,
    request: DYN,
    namespaceObject: DYN,
    authorizer: DYN,
    ...(params ? { params } : {}),
  };
  const fields = new Map<string, { type: Type; jsonName: string }>();
  const environment = (): Environment => {
    const type: ObjectType = { kind: 'object', name: 'kubernetes.variables', fields: new Map(fields) };
    return new Environment({ ...base, variables: type }, AUTHORIZER_METHODS);
  };
  for (const { name, expression } of variables)
    fields.set(name, { type: resultType(environment(), expression), jsonName: name });
  return environment();
}

function resultType(environment: Environment, expression: string): Type {
  try {
    return environment.compile(expression).type;
  } catch (error) {
    if (error instanceof CompileError) return DYN;
    throw error;
  }
}

function problemOf(environment: Environment, expression: string): string | undefined {
  try {
    environment.compile(expression);
    return undefined;
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    throw error;
  }
}
