import type { FieldError, FieldPath, JsonSchema, Schema } from '@pilothouse/apimachinery';

/**
 * What judges the CEL rules of a schema: whoever has the expression language brings it. The walk over the schema asks at
 * each node that has rules and no other fault, because where rules are looked at, and in which order their errors come,
 * depends on the faults of the schema.
 */
export interface RuleChecks {
  root(schema: JsonSchema, options: RuleCheckOptions): SchemaRules;
  /** What the rules of a part of a schema say of a value: a default is held against them as soon as it is declared. */
  valueErrors(schema: Schema, json: JsonSchema, value: unknown, path: FieldPath): FieldError[];
}

export interface RuleCheckOptions {
  /** No limit for a single rule: of schemas that an update leaves as they were. */
  readonly anyCost: boolean;
}

export interface SchemaRules {
  readonly node: RuleCheckNode;
  /** Once all nodes were asked: that the rules cost too much together. */
  totalErrors(path: FieldPath): FieldError[];
}

/** A place in the schema; undefined children are where no rule can see anything. */
export interface RuleCheckNode {
  property(name: string): RuleCheckNode | undefined;
  items(): RuleCheckNode | undefined;
  values(): RuleCheckNode | undefined;
  /** `uncorrelated` is the closest ancestor below which old values cannot be found. */
  errors(path: FieldPath, uncorrelated: FieldPath | undefined): FieldError[];
}
