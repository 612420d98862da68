import { deepEqual, type ResourceDefinition } from '@pilothouse/apimachinery';
import type { CustomResourceDefinition } from '@pilothouse/api';
import { ruleDefinitionErrors } from './rules/rule-definition-errors.ts';

/**
 * The definition of CustomResourceDefinitions with the part of their validation that needs the expression language, which
 * the library of kinds does not have. Rules of a schema that is wrong otherwise are not looked at.
 */
export function withRuleChecks(definition: ResourceDefinition): ResourceDefinition {
  const { strategy } = definition;
  return {
    ...definition,
    strategy: {
      ...strategy,
      validate(crd: CustomResourceDefinition, context) {
        const errors = strategy.validate(crd, context);
        return errors.length > 0 ? errors : ruleDefinitionErrors(crd);
      },
      validateUpdate(crd: CustomResourceDefinition, old: CustomResourceDefinition, context) {
        const errors = strategy.validateUpdate(crd, old, context);
        return errors.length > 0 || deepEqual(crd.spec, old.spec) ? errors : ruleDefinitionErrors(crd);
      },
    },
  };
}
