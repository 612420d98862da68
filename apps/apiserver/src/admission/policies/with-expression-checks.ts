import type { RequestContext, ResourceDefinition } from '@pilothouse/apimachinery';
import { expressionChecks } from './expression-checks.ts';

/** The groups that have expressions in their objects, besides custom resources. */
const GROUPS = new Set(['admissionregistration.k8s.io', 'resource.k8s.io']);

/** The definition of a kind whose validation asks the expression language, which the library of kinds does not have. */
export function withExpressionChecks(definition: ResourceDefinition): ResourceDefinition {
  if (!GROUPS.has(definition.group)) return definition;
  const { strategy } = definition;
  const knowing = (context: RequestContext) => ({ ...context, expressions: expressionChecks });
  return {
    ...definition,
    strategy: {
      ...strategy,
      validate: (object: unknown, context) => strategy.validate(object, knowing(context)),
      validateUpdate: (object: unknown, old: unknown, context) =>
        strategy.validateUpdate(object, old, knowing(context)),
    },
  };
}
