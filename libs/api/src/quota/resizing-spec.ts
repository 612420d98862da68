import { parseQuantity } from '@pilothouse/apimachinery';
import type { Container, ContainerStatus, Pod, PodSpec } from '@pilothouse/api';
import { isSidecar } from '../core/pod-spec/init-containers.ts';

type Amounts = Readonly<Record<string, string>>;

/**
 * The pod's spec with what its containers take while they are resized in place: the largest of what is asked for, what
 * the kubelet has granted and what they have; only the latter two if the node can never grant it (KEP-1287).
 */
export function resizingSpec({ spec, status }: Pod, which: 'requests' | 'limits'): PodSpec {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  if (!statuses.some((each) => each.resources || each.allocatedResources)) return spec;
  const isInfeasible = (status?.conditions ?? []).some(
    ({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible',
  );
  const taken = (container: Container): Container => {
    const own = statuses.find(({ name }) => name === container.name);
    if (!own?.resources && !own?.allocatedResources) return container;
    const desired = isInfeasible ? {} : (container.resources?.[which] ?? {});
    return { ...container, resources: { ...container.resources, [which]: largest(desired, actual(own, which)) } };
  };
  const initContainers = spec.initContainers?.map((each) => (isSidecar(each) ? taken(each) : each));
  return { ...spec, containers: spec.containers.map(taken), ...(initContainers ? { initContainers } : {}) };
}

/** Of limits nothing is granted beforehand. */
function actual({ resources, allocatedResources }: ContainerStatus, which: 'requests' | 'limits'): Amounts {
  const current = resources?.[which] ?? {};
  return which === 'requests' ? largest(current, allocatedResources ?? {}) : current;
}

function largest(a: Amounts, b: Amounts): Amounts {
  const result: Record<string, string> = { ...a };
  for (const [name, text] of Object.entries(b)) {
    const other = result[name];
    if (other === undefined || parseQuantity(text).compare(parseQuantity(other)) > 0) result[name] = text;
  }
  return result;
}
