import { type KubeObject, parseQuantity, selectorFromLabelSelector } from '@pilothouse/apimachinery';
import type { autoscalingV2, LabelSelector, ResourceRef } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import { fetchJson } from './fetch-json.ts';
import type { PodMetric, PodMetrics } from './pod-groups.ts';

interface PodMetricsObject extends KubeObject {
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[];
}

interface MetricValueList {
  readonly items?: readonly {
    readonly describedObject: { readonly name: string };
    readonly timestamp: string;
    readonly windowSeconds?: number;
    readonly value: string;
  }[];
}

const POD_METRICS: ResourceRef<PodMetricsObject> = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  resource: 'pods',
  kind: 'PodMetrics',
  namespaced: true,
};

/** Where an adapter says nothing, a value is taken to cover a minute, as upstream does. */
const DEFAULT_WINDOW_MS = 60_000;

/**
 * The three metrics APIs, whoever serves them. https://github.com/kubernetes/design-proposals-archive/blob/main/instrumentation/custom-metrics-api.md
 * Values are in thousandths.
 */
export class MetricsClient {
  private readonly client: KubeClient;

  constructor(client: KubeClient) {
    this.client = client;
  }

  /** What the pods use of a resource, or only their container of that name. */
  async fetchResource(
    resource: string,
    namespace: string,
    labelSelector: string,
    container: string | undefined,
  ): Promise<PodMetrics> {
    const { items } = await this.client
      .resource(POD_METRICS)
      .list({ namespace, labelSelector })
      .catch((error: unknown) => {
        throw new Error(`unable to fetch metrics from resource metrics API: ${(error as Error).message}`);
      });
    if (items.length === 0) throw new Error('no metrics returned from resource metrics API');
    const metrics = items.flatMap((item): [string, PodMetric][] => {
      const counted = item.containers.filter(({ name }) => container === undefined || name === container);
      if (container !== undefined && counted.length === 0) {
        throw new Error(
          `container ${container} not present in metrics for pod ${item.metadata?.namespace}/${item.metadata?.name}`,
        );
      }
      // A pod of which a part was not measured says nothing.
      if (counted.some(({ usage }) => usage[resource] === undefined)) return [];
      const value = counted.reduce((sum, { usage }) => sum + parseQuantity(usage[resource]!).toMilli(), 0);
      const timestampMs = Date.parse(item.timestamp);
      return [[item.metadata?.name ?? '', { timestampMs, windowMs: parseWindowMs(item.window), value }]];
    });
    return new Map(metrics);
  }

  /** A metric of each of the pods. */
  async fetchPods(
    metric: autoscalingV2.MetricIdentifier,
    namespace: string,
    labelSelector: string,
  ): Promise<PodMetrics> {
    const items = await this.fetchCustom(`namespaces/${namespace}/pods/*`, metric, labelSelector);
    return new Map(
      items.map((item) => [
        item.describedObject.name,
        {
          timestampMs: Date.parse(item.timestamp),
          windowMs: item.windowSeconds === undefined ? DEFAULT_WINDOW_MS : item.windowSeconds * 1000,
          value: parseQuantity(item.value).toMilli(),
        },
      ]),
    );
  }

  /** A metric of one object, by its resource (`ingresses.networking.k8s.io`). */
  async fetchObject(
    metric: autoscalingV2.MetricIdentifier,
    namespace: string,
    groupResource: string,
    name: string,
  ): Promise<number> {
    const path = groupResource === 'namespaces' ? '' : `namespaces/${namespace}/`;
    const [first] = await this.fetchCustom(`${path}${groupResource}/${name}`, metric);
    return parseQuantity(first!.value).toMilli();
  }

  /** The sum of all series that the selector picks. */
  async fetchExternal(metric: autoscalingV2.MetricIdentifier, namespace: string): Promise<number> {
    const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${metric.name}`;
    const query = new URLSearchParams();
    if (metric.selector) query.set('labelSelector', selectorText(metric.selector));
    const asked = { group: 'external.metrics.k8s.io', resource: metric.name };
    const list = (await fetchJson(this.client, 'GET', withQuery(path, query), asked).catch((error: unknown) => {
      throw new Error(`unable to fetch metrics from external metrics API: ${(error as Error).message}`);
    })) as MetricValueList;
    if (!list.items?.length) throw new Error('no metrics returned from external metrics API');
    return list.items.reduce((sum, { value }) => sum + parseQuantity(value).toMilli(), 0);
  }

  private async fetchCustom(
    what: string,
    { name, selector }: autoscalingV2.MetricIdentifier,
    labelSelector?: string,
  ): Promise<NonNullable<MetricValueList['items']>> {
    const query = new URLSearchParams();
    if (labelSelector) query.set('labelSelector', labelSelector);
    if (selector) query.set('metricLabelSelector', selectorText(selector));
    const path = `/apis/custom.metrics.k8s.io/v1beta2/${what}/${name}`;
    const asked = { group: 'custom.metrics.k8s.io', resource: what.replace(/^namespaces\/[^/]*\//, '').split('/')[0]! };
    const list = (await fetchJson(this.client, 'GET', withQuery(path, query), asked).catch((error: unknown) => {
      throw new Error(`unable to fetch metrics from custom metrics API: ${(error as Error).message}`);
    })) as MetricValueList;
    if (!list.items?.length) throw new Error('no metrics returned from custom metrics API');
    return list.items;
  }
}

function withQuery(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

const selectorText = (selector: LabelSelector): string => selectorFromLabelSelector(selector).toString();

/** Go's text of a duration: `15s`, `1m0s`, `15.027s`. */
function parseWindowMs(text: string): number {
  const UNITS_MS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 };
  let total = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(h|ms|m|s|us|µs|ns)/g))
    total += Number(number) * UNITS_MS[unit!]!;
  return total;
}
