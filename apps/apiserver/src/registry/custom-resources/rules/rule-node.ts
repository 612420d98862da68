import { itemsOf, valuesOf, type JsonSchema, type Schema } from '@pilothouse/apimachinery';
import { typeFromSchema, type SizedType } from '@pilothouse/cel';
import { compileRule, type CompiledRule } from './compiled-rule.ts';

/** A schema node that has rules, or has such nodes below it. */
export interface RuleNode {
  readonly schema: Schema;
  /** The OpenAPI type, which errors show in place of the value. */
  readonly typeName: string;
  readonly type: SizedType;
  /** Its metadata is that of any object. */
  readonly isResource: boolean;
  readonly rules: readonly CompiledRule[];
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly items?: RuleNode;
  readonly values?: RuleNode;
}

/** Undefined when there is no rule at all, or none that could see anything. */
export function ruleNode(schema: Schema, json: JsonSchema, name: string, isResource: boolean): RuleNode | undefined {
  const properties = new Map<string, RuleNode>();
  if (schema.type === 'object') {
    for (const [key, child] of schema.properties) {
      const node =
        child.schema.type === 'object' && child.schema.name !== undefined ? undefined : json.properties?.[key];
      const below = node && ruleNode(child.schema, node, `${name}.${key}`, false);
      if (below) properties.set(key, below);
    }
  }
  const [itemJson, valueJson] = [itemsOf(json), valuesOf(json)];
  const items =
    schema.type === 'list' && itemJson ? ruleNode(schema.items, itemJson, `${name}.@items`, false) : undefined;
  const values =
    schema.type === 'map' && valueJson ? ruleNode(schema.values, valueJson, `${name}.@values`, false) : undefined;
  const own = json['x-kubernetes-validations'] ?? [];
  if (own.length === 0 && properties.size === 0 && !items && !values) return undefined;
  const type = typeFromSchema(schema, name, isResource);
  if (type === undefined) return undefined;
  return {
    schema,
    typeName: json.type ?? '',
    type,
    isResource,
    rules: own.map((rule) => compileRule(rule, type.type, json)),
    properties,
    ...(items ? { items } : {}),
    ...(values ? { values } : {}),
  };
}
