import { deepEqual, type FieldError, type FieldPath, invalidValue } from '@pilothouse/apimachinery';
import type { NodeAffinity, NodeSelectorTerm, PodSpec } from '@pilothouse/api';
import { TERM_FIELDS } from '../pod-spec/node-selector.ts';
import { internalForm, sortedMap } from '../validation/internal-form.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

/**
 * While a pod waits at a scheduling gate, where it may run can be narrowed (KEP-3838): more node selectors, tighter node
 * affinity. Returns the spec with such changes taken back.
 */
export function withoutGatedChanges(spec: PodSpec, old: PodSpec, path: FieldPath, errors: FieldError[]): PodSpec {
  const rest = { ...spec };
  if (!deepEqual(spec.nodeSelector, old.nodeSelector)) {
    const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => spec.nodeSelector?.[key] === value);
    if (!kept) {
      const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
      errors.push(invalidValue(path.child('nodeSelector'), sortedMap(spec.nodeSelector), detail));
    }
    if (old.nodeSelector === undefined) delete rest.nodeSelector;
    else rest.nodeSelector = old.nodeSelector;
  }
  const [next, previous] = [spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity];
  if (!deepEqual(next, previous)) {
    validateNodeAffinityUpdate(
      next,
      previous,
      path.child('affinity', 'nodeAffinity', REQUIRED, 'nodeSelectorTerms'),
      errors,
    );
    const { nodeAffinity: _, ...others } = spec.affinity ?? {};
    if (previous) rest.affinity = { nodeAffinity: previous, ...others };
    else if (old.affinity === undefined && Object.keys(others).length === 0) delete rest.affinity;
    else rest.affinity = others;
  }
  return rest;
}

function validateNodeAffinityUpdate(
  next: NodeAffinity | undefined,
  previous: NodeAffinity | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const old = previous?.[REQUIRED]?.nodeSelectorTerms ?? [];
  const given = next?.[REQUIRED]?.nodeSelectorTerms;
  const terms = given ?? [];
  if (old.length === 0) return;
  if (old.length !== terms.length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    errors.push(invalidValue(path, given ? internalForm(given, TERM_FIELDS) : null, detail));
    return;
  }
  old.forEach((term, index) => {
    const changed = terms[index] ?? {};
    if (hasOnlyAdditions(changed, term)) return;
    const detail = 'only additions are allowed (no mutations or deletions)';
    errors.push(invalidValue(path.index(index), internalForm(changed, TERM_FIELDS), detail));
  });
}

/** Terms are alternatives: an empty one matches nothing, so adding to it would widen the choice. */
function hasOnlyAdditions(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const was = { expressions: old.matchExpressions ?? [], fields: old.matchFields ?? [] };
  const is = { expressions: term.matchExpressions ?? [], fields: term.matchFields ?? [] };
  if (was.expressions.length === 0 && was.fields.length === 0)
    return is.expressions.length === 0 && is.fields.length === 0;
  return (
    deepEqual(is.expressions.slice(0, was.expressions.length), was.expressions) &&
    deepEqual(is.fields.slice(0, was.fields.length), was.fields)
  );
}
