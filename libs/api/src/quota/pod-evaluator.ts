import { parseQuantity, Quantity, ZERO_QUANTITY } from '@pilothouse/apimachinery';
import type { Container, Pod, ScopedResourceSelectorRequirement } from '@pilothouse/api';
import { aggregateContainerResources } from '../core/pod-spec/pod-resources.ts';
import { qosClassOf } from '../core/pod/qos-class.ts';
import { isExtendedResource, isHugePageResource } from '../core/resources/resource-names.ts';
import type { Amounts } from './amounts.ts';
import type { QuotaEvaluator } from './evaluator.ts';
import { resizingSpec } from './resizing-spec.ts';
import { matchesNames } from './scope-operator.ts';

const ONE = Quantity.of(1);
/** How a pod asks for devices of a class as it would for an extended resource. */
const DEVICE_CLASS_PREFIX = 'deviceclass.resource.kubernetes.io/';
const COUNT = 'count/pods';
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
/** Once a quota limits one of these, every container must say how much it wants. */
const REQUIRED = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);
const COUNTED = new Set([
  'pods',
  COUNT,
  ...COMPUTE,
  ...COMPUTE.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
]);

/** Pods, and what they ask for. Upstream: pkg/quota/v1/evaluator/core/pods.go. */
export const podEvaluator: QuotaEvaluator = {
  group: '',
  resource: 'pods',
  charges({ operation, subresource, object, oldObject }) {
    if (subresource === 'resize') return operation === 'UPDATE';
    if (operation === 'CREATE') return subresource === '';
    // A deadline moves the pod from the quotas of one scope to those of another.
    return (
      operation === 'UPDATE' && subresource === '' && isTerminating(object as Pod) !== isTerminating(oldObject as Pod)
    );
  },
  matching: (names) => names.filter(isCounted),
  usage(pod: Pod, now) {
    // What has finished still takes room in etcd, but nothing on a node.
    return isOver(pod, now) ? { [COUNT]: ONE } : { [COUNT]: ONE, pods: ONE, ...computeUsage(pod) };
  },
  inScope: podInScope,
  problem(pod: Pod, names) {
    // Who says what the pod as a whole needs, need not say it of each container.
    if (['requests', 'limits'].some((which) => hasEntries(pod.spec.resources?.[which as 'requests']))) return undefined;
    const required = names.filter((name) => REQUIRED.has(name));
    const missing = new Map<string, string[]>();
    for (const container of [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]) {
      for (const name of required)
        if (!says(container, name)) missing.set(name, [...(missing.get(name) ?? []), container.name]);
    }
    if (missing.size === 0) return undefined;
    const texts = [...missing.keys()].sort().map((name) => `${name} for: ${missing.get(name)!.sort().join(',')}`);
    return `must specify ${texts.join('; ')}`;
  },
};

function isCounted(name: string): boolean {
  if (COUNTED.has(name) || isHugePageResource(name)) return true;
  if (!name.startsWith('requests.')) return false;
  if (name.startsWith(`requests.${DEVICE_CLASS_PREFIX}`)) return true;
  const requested = name.slice('requests.'.length);
  return isHugePageResource(requested) || isExtendedResource(requested);
}

function isOver(pod: Pod, now: Date): boolean {
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  // A kubelet that is gone for good never confirms: its pods stop to count when their grace is over.
  return (
    Boolean(deletionTimestamp) &&
    deletionGracePeriodSeconds !== undefined &&
    // The timestamp holds the grace already; upstream grants it once more.
    now.getTime() > Date.parse(deletionTimestamp!) + deletionGracePeriodSeconds * 1000
  );
}

function computeUsage(pod: Pod): Amounts {
  const usage: Record<string, Quantity> = {};
  for (const [name, amount] of podTotals(resizingSpec(pod, 'requests'), 'requests')) {
    if (COMPUTE.includes(name) || isHugePageResource(name)) usage[name] = amount;
    if (COMPUTE.includes(name) || isHugePageResource(name) || mayBeDevice(name)) usage[`requests.${name}`] = amount;
  }
  for (const [name, amount] of podTotals(resizingSpec(pod, 'limits'), 'limits'))
    if (COMPUTE.includes(name)) usage[`limits.${name}`] = amount;
  return usage;
}

/** Pod-level resources stand for those of the containers; overhead comes on top. */
function podTotals(spec: Pod['spec'], which: 'requests' | 'limits'): Map<string, Quantity> {
  const totals = aggregateContainerResources(spec, which);
  for (const [name, text] of Object.entries(spec.resources?.[which] ?? {})) totals.set(name, parseQuantity(text));
  for (const [name, text] of Object.entries(spec.overhead ?? {})) {
    if (which === 'requests' || totals.has(name))
      totals.set(name, (totals.get(name) ?? ZERO_QUANTITY).add(parseQuantity(text)));
  }
  return totals;
}

/** An extended resource, or a class of devices named in the place of one (KEP-5004). */
function mayBeDevice(name: string): boolean {
  return isExtendedResource(name) || name.startsWith(DEVICE_CLASS_PREFIX);
}

function hasEntries(record: object | undefined): boolean {
  return record !== undefined && Object.keys(record).length > 0;
}

function says({ resources }: Container, name: string): boolean {
  if (name.startsWith('limits.')) return resources?.limits?.[name.slice('limits.'.length)] !== undefined;
  const requested = name.startsWith('requests.') ? name.slice('requests.'.length) : name;
  return resources?.requests?.[requested] !== undefined;
}

function isTerminating({ spec }: Pod): boolean {
  return spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0;
}

function podInScope(pod: Pod, scope: ScopedResourceSelectorRequirement): boolean {
  const { spec } = pod;
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating(pod);
    case 'NotTerminating':
      return !isTerminating(pod);
    case 'BestEffort':
      return qosClassOf(spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(spec) !== 'BestEffort';
    case 'PriorityClass':
      return matchesNames(scope, spec.priorityClassName ?? '');
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec);
    default:
      return false;
  }
}

function crossesNamespaces({ affinity }: Pod['spec']): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((each) => [
    ...(each?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(each?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
  return terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined);
}
