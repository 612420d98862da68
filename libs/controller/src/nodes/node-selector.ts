import { newRequirement, type LabelOperator } from '@pilothouse/apimachinery';
import type {
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  PreferredSchedulingTerm,
} from '@pilothouse/api';

export type NodeMatcher = (node: Node) => boolean;

const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/** Terms are alternatives; the requirements in a term must all hold. A term without any matches nothing. */
export function compileNodeSelector(selector: NodeSelector): NodeMatcher {
  const terms = (selector.nodeSelectorTerms ?? []).map(compileTerm);
  return (node) => terms.some((matches) => matches(node));
}

export function compileTerm(term: NodeSelectorTerm): NodeMatcher {
  const labels = (term.matchExpressions ?? []).map(compileLabelRequirement);
  const fields = (term.matchFields ?? []).map(compileFieldRequirement);
  if (labels.length + fields.length === 0) return () => false;
  return (node) => labels.every((matches) => matches(node)) && fields.every((matches) => matches(node));
}

/** A requirement that is not valid matches no node. */
function compileLabelRequirement({ key, operator, values }: NodeSelectorRequirement): NodeMatcher {
  const { requirement, errors } = newRequirement(key, OPERATORS[operator]!, values ?? []);
  return (node) => errors.length === 0 && requirement.matches(node.metadata.labels);
}

/** The only field is `metadata.name`. */
function compileFieldRequirement({ key, operator, values }: NodeSelectorRequirement): NodeMatcher {
  if (key !== 'metadata.name') return () => false;
  if (operator === 'In') return (node) => !!values?.includes(node.metadata.name!);
  if (operator === 'NotIn') return (node) => !values?.includes(node.metadata.name!);
  return () => false;
}

/** What the pod requires of its node: `spec.nodeSelector` and required node affinity. Undefined: nothing. */
export function requiredNodeMatcher(pod: Pod): NodeMatcher | undefined {
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const labels = Object.entries(pod.spec.nodeSelector ?? {});
  if (labels.length === 0 && !required) return undefined;
  const matchesAffinity = required && compileNodeSelector(required);
  return (node) =>
    labels.every(([name, value]) => node.metadata.labels?.[name] === value) && (matchesAffinity?.(node) ?? true);
}

export interface PreferredTerm {
  readonly weight: number;
  readonly matches: NodeMatcher;
}

/** A preferred term without requirements is left out, unlike a required one: it prefers nothing. */
export function preferredTerms(terms: readonly PreferredSchedulingTerm[] | undefined): PreferredTerm[] {
  return (terms ?? [])
    .filter(
      ({ weight, preference }) =>
        weight !== 0 && (preference.matchExpressions?.length || preference.matchFields?.length),
    )
    .map(({ weight, preference }) => ({ weight, matches: compileTerm(preference) }));
}
