import {
  MANDATORY_FLOW_SCHEMAS,
  MANDATORY_PRIORITY_LEVELS,
  type FlowSchema,
  type PriorityLevelConfiguration,
} from '@pilothouse/api';

export interface FlowConfiguration {
  readonly levels: readonly PriorityLevelConfiguration[];
  /** In the order in which they are asked; each names one of the levels. */
  readonly schemas: readonly FlowSchema[];
}

/**
 * Pure: what is in force, given what is stored. The mandatory objects count as there when they are not: every request
 * has a place to go. A schema whose level does not exist counts as not there.
 */
export function planConfiguration(
  storedLevels: Iterable<PriorityLevelConfiguration>,
  storedSchemas: Iterable<FlowSchema>,
): FlowConfiguration {
  const levels = new Map([...storedLevels].map((each) => [each.metadata.name!, each]));
  for (const [name, spec] of Object.entries(MANDATORY_PRIORITY_LEVELS)) {
    if (!levels.has(name)) levels.set(name, { metadata: { name }, spec });
  }
  const schemas = new Map([...storedSchemas].map((each) => [each.metadata.name!, each]));
  for (const [name, spec] of Object.entries(MANDATORY_FLOW_SCHEMAS)) {
    if (!schemas.has(name)) schemas.set(name, { metadata: { name }, spec });
  }
  return {
    levels: [...levels.values()],
    schemas: [...schemas.values()]
      .filter(({ spec }) => levels.has(spec.priorityLevelConfiguration?.name ?? ''))
      .sort(byPrecedence),
  };
}

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema: of equals the lesser name. */
function byPrecedence(a: FlowSchema, b: FlowSchema): number {
  const [first, second] = [a.spec.matchingPrecedence ?? 0, b.spec.matchingPrecedence ?? 0];
  if (first !== second) return first - second;
  return a.metadata.name! < b.metadata.name! ? -1 : 1;
}
