import type { ResourceDefinition } from '@pilothouse/apimachinery';
import {
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionUpdate,
  type CustomResourceDefinition,
} from '@pilothouse/api';
import { ruleChecks } from './rules/rule-checks.ts';

/**
 * The definition of CustomResourceDefinitions with validation that judges CEL rules too, for which the library of kinds
 * does not have the language.
 */
export function withRuleChecks(definition: ResourceDefinition): ResourceDefinition {
  return {
    ...definition,
    strategy: {
      ...definition.strategy,
      validate: (crd: CustomResourceDefinition) => validateCustomResourceDefinition(crd, ruleChecks),
      validateUpdate: (crd: CustomResourceDefinition, old: CustomResourceDefinition) =>
        validateCustomResourceDefinitionUpdate(crd, old, ruleChecks),
    },
  };
}
