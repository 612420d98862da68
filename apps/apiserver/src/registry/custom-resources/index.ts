export { CustomResources } from './custom-resources.ts';
export { withRuleChecks } from './with-rule-checks.ts';
