import { NOTHING, selectorFromLabelSelector, type Selector } from '@pilothouse/apimachinery';
import type { LabelSelector, Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '@pilothouse/api';

/** The labels of a namespace, or undefined if there is none of that name. */
export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>> | undefined;

/**
 * One term of a pod's affinity or anti-affinity, ready to match: "pods of these namespaces with these labels, within
 * one value of this topology key".
 */
export class AffinityTerm {
  readonly topologyKey: string;
  /** 0 for a required term. */
  readonly weight: number;
  readonly #namespaces: ReadonlySet<string>;
  readonly #namespaceSelector: Selector | undefined;
  readonly #selector: Selector;

  constructor(owner: Pod, term: PodAffinityTerm, weight = 0) {
    this.topologyKey = term.topologyKey;
    this.weight = weight;
    // Without either way to name namespaces, the term means the owner's own.
    const own = !term.namespaces?.length && term.namespaceSelector === undefined;
    this.#namespaces = new Set(own ? [owner.metadata.namespace ?? ''] : term.namespaces);
    this.#namespaceSelector = term.namespaceSelector && selectorOrNothing(term.namespaceSelector);
    this.#selector = selectorOrNothing(term.labelSelector);
  }

  matches(pod: Pod, namespaceLabels: NamespaceLabels): boolean {
    if (!this.#selector.matches(pod.metadata.labels)) return false;
    return this.#matchesNamespace(pod.metadata.namespace ?? '', namespaceLabels);
  }

  #matchesNamespace(namespace: string, namespaceLabels: NamespaceLabels): boolean {
    if (this.#namespaces.has(namespace)) return true;
    return this.#namespaceSelector !== undefined && this.#namespaceSelector.matches(namespaceLabels(namespace));
  }
}

/** A selector that slipped past validation selects nothing: a pod on a node must not stop the others from being placed. */
function selectorOrNothing(selector: LabelSelector | undefined): Selector {
  try {
    return selectorFromLabelSelector(selector);
  } catch {
    return NOTHING;
  }
}

/** All terms of one pod, by what they ask for. */
export interface AffinityTerms {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly AffinityTerm[];
  readonly preferredAnti: readonly AffinityTerm[];
}

const NO_TERMS: AffinityTerms = { required: [], requiredAnti: [], preferred: [], preferredAnti: [] };

export function affinityTermsOf(pod: Pod): AffinityTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return NO_TERMS;
  const required = (terms: readonly PodAffinityTerm[] | undefined) =>
    (terms ?? []).map((term) => new AffinityTerm(pod, term));
  const weighted = (terms: readonly WeightedPodAffinityTerm[] | undefined) =>
    (terms ?? []).map((term) => new AffinityTerm(pod, term.podAffinityTerm, term.weight));
  return {
    required: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAnti: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAnti: weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  };
}
