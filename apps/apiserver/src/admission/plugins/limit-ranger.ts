import { forbidden, parseQuantity } from '@pilothouse/apimachinery';
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

type Quantities = Readonly<Record<string, string>>;

/** Defaults and bounds for what pods and claims of a namespace ask for. https://kubernetes.io/docs/concepts/policy/limit-range/ */
export function limitRanger(limitRanges: ObjectRegistry): AdmissionPlugin {
  const itemsFor = async ({ namespace }: AdmissionAttributes): Promise<readonly LimitRangeItem[]> => {
    const { items } = await limitRanges.store.list({ namespace, resourceVersion: '0', unfiltered: true });
    return items.flatMap(({ object }) => (object as LimitRange).spec?.limits ?? []);
  };
  return {
    name: 'LimitRanger',
    operations: ['CREATE', 'UPDATE'],
    async mutate(attributes) {
      if (!isPod(attributes) || attributes.operation !== 'CREATE') return;
      const limits = (await itemsFor(attributes)).filter(({ type }) => type === 'Container');
      for (const container of containersOf(attributes.object as Pod))
        for (const limit of limits) applyDefaults(container, limit);
    },
    async validate(attributes) {
      const isClaim = attributes.definition.group === '' && attributes.definition.resource === 'persistentvolumeclaims';
      if (attributes.subresource !== '' || (!isPod(attributes) && !isClaim)) return;
      // The requests of a pod that runs do not change.
      if (isPod(attributes) && attributes.operation === 'UPDATE') return;
      const limits = await itemsFor(attributes);
      const violations = isClaim
        ? claimViolations(attributes.object as PersistentVolumeClaim, limits)
        : podViolations(attributes.object as Pod, limits);
      if (violations.length === 0) return;
      const why = violations.length === 1 ? violations[0]! : `[${violations.join(', ')}]`;
      throw forbidden(attributes.definition, attributes.name, why);
    },
  };
}

function isPod({ definition, subresource }: AdmissionAttributes): boolean {
  return definition.group === '' && definition.resource === 'pods' && subresource === '';
}

function containersOf(pod: Pod): Container[] {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
}

function applyDefaults(container: Container, { default: limits = {}, defaultRequest = {} }: LimitRangeItem): void {
  const own = container.resources ?? {};
  const merged = {
    ...own,
    limits: { ...(limits as Quantities), ...own.limits },
    requests: { ...(defaultRequest as Quantities), ...own.requests },
  };
  for (const part of ['limits', 'requests'] as const)
    if (Object.keys(merged[part]).length === 0) delete (merged as Partial<typeof merged>)[part];
  container.resources = merged as Container['resources'];
}

function claimViolations(claim: PersistentVolumeClaim, items: readonly LimitRangeItem[]): string[] {
  const requests = (claim.spec?.resources?.requests ?? {}) as Quantities;
  return items
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap((item) => [
      ...atLeast('PersistentVolumeClaim', item.min as Quantities, requests, requests),
      ...atMost('PersistentVolumeClaim', item.max as Quantities, requests, requests),
    ]);
}

function podViolations(pod: Pod, items: readonly LimitRangeItem[]): string[] {
  return items.flatMap((item) => {
    if (item.type === 'Container')
      return containersOf(pod).flatMap((each) => violations('Container', item, each.resources));
    return item.type === 'Pod' ? violations('Pod', item, podTotals(pod)) : [];
  });
}

function violations(type: string, item: LimitRangeItem, resources: Container['resources']): string[] {
  const requests = (resources?.requests ?? {}) as Quantities;
  const limits = (resources?.limits ?? {}) as Quantities;
  return [
    ...atLeast(type, item.min as Quantities, requests, limits),
    ...atMost(type, item.max as Quantities, requests, limits),
    ...ratio(type, item.maxLimitRequestRatio as Quantities, requests, limits),
  ];
}

function atLeast(type: string, bounds: Quantities | undefined, requests: Quantities, limits: Quantities): string[] {
  return Object.entries(bounds ?? {}).flatMap(([name, bound]) => {
    const [request, limit] = [requests[name], limits[name]];
    if (request === undefined) return [`minimum ${name} usage per ${type} is ${bound}.  No request is specified`];
    if (below(request, bound)) return [`minimum ${name} usage per ${type} is ${bound}, but request is ${request}`];
    return limit !== undefined && below(limit, bound)
      ? [`minimum ${name} usage per ${type} is ${bound}, but limit is ${limit}`]
      : [];
  });
}

function atMost(type: string, bounds: Quantities | undefined, requests: Quantities, limits: Quantities): string[] {
  return Object.entries(bounds ?? {}).flatMap(([name, bound]) => {
    const [request, limit] = [requests[name], limits[name]];
    if (limit === undefined) return [`maximum ${name} usage per ${type} is ${bound}.  No limit is specified`];
    if (below(bound, limit)) return [`maximum ${name} usage per ${type} is ${bound}, but limit is ${limit}`];
    return request !== undefined && below(bound, request)
      ? [`maximum ${name} usage per ${type} is ${bound}, but request is ${request}`]
      : [];
  });
}

function ratio(type: string, bounds: Quantities | undefined, requests: Quantities, limits: Quantities): string[] {
  return Object.entries(bounds ?? {}).flatMap(([name, bound]) => {
    const [request, limit] = [requests[name], limits[name]];
    if (request === undefined)
      return [
        `${name} max limit to request ratio per ${type} is ${bound}, but no request is specified or request is 0`,
      ];
    if (limit === undefined)
      return [`${name} max limit to request ratio per ${type} is ${bound}, but no limit is specified or limit is 0`];
    const actual = asNumber(limit) / asNumber(request);
    return actual > asNumber(bound)
      ? [`${name} max limit to request ratio per ${type} is ${bound}, but provided ratio is ${actual.toFixed(6)}`]
      : [];
  });
}

const asNumber = (text: string): number => Number(parseQuantity(text).toNumber());
const below = (a: string, b: string): boolean => parseQuantity(a).compare(parseQuantity(b)) < 0;

/** A pod asks for the sum of its containers, or for its largest init container if that is more. */
function podTotals(pod: Pod): Container['resources'] {
  const total = (part: 'requests' | 'limits') => {
    const sums: Record<string, string> = {};
    for (const { resources } of pod.spec?.containers ?? []) {
      for (const [name, value] of Object.entries((resources?.[part] ?? {}) as Quantities)) {
        sums[name] = sums[name] === undefined ? value : parseQuantity(sums[name]).add(parseQuantity(value)).toString();
      }
    }
    for (const { resources } of pod.spec?.initContainers ?? []) {
      for (const [name, value] of Object.entries((resources?.[part] ?? {}) as Quantities)) {
        if (sums[name] === undefined || below(sums[name], value)) sums[name] = value;
      }
    }
    return sums;
  };
  return { requests: total('requests'), limits: total('limits') } as Container['resources'];
}
