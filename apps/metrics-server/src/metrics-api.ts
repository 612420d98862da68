import { notFound, type KubeObject, StatusError } from '@pilothouse/apimachinery';
import { nodes, pods } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import { planNodeMetrics, planPodMetrics } from './plan-metrics.ts';
import type { Scraper } from './scraper.ts';

const GROUP = 'metrics.k8s.io';
const VERSION = 'v1beta1';
const GROUP_VERSION = `${GROUP}/${VERSION}`;

const OBJECT_PATH = new RegExp(`^/apis/${GROUP}/${VERSION}/(?:namespaces/([^/]+)/)?(nodes|pods)(?:/([^/]+))?$`);

/** The answers of metrics.k8s.io. https://kubernetes.io/docs/reference/external-api/metrics.v1beta1/ */
export class MetricsApi {
  private readonly client: KubeClient;
  private readonly scraper: Scraper;

  constructor(client: KubeClient, scraper: Scraper) {
    this.client = client;
    this.scraper = scraper;
  }

  /** Undefined where there is nothing; throws a StatusError. */
  async answer(url: URL): Promise<object | undefined> {
    const fixed = DOCUMENTS[url.pathname];
    if (fixed) return fixed;
    const match = OBJECT_PATH.exec(url.pathname);
    if (!match) return undefined;
    const [, namespace, resource, name] = match.map((part) => part && decodeURIComponent(part));
    if (resource === 'nodes' && namespace !== undefined) return undefined;
    if (resource === 'pods' && name !== undefined && namespace === undefined) return undefined;
    const labelSelector = url.searchParams.get('labelSelector') ?? '';
    const fieldSelector = name === undefined ? (url.searchParams.get('fieldSelector') ?? '') : `metadata.name=${name}`;
    const selection = {
      resourceVersion: '0',
      ...(labelSelector ? { labelSelector } : {}),
      ...(fieldSelector ? { fieldSelector } : {}),
    };
    const items = resource === 'nodes' ? await this.nodes(selection) : await this.pods(selection, namespace);
    if (name === undefined) {
      const kind = resource === 'nodes' ? 'NodeMetricsList' : 'PodMetricsList';
      return { kind, apiVersion: GROUP_VERSION, metadata: {}, items };
    }
    if (!items[0]) throw notFound({ group: GROUP, resource: resource! }, namespace ? `${namespace}/${name}` : name);
    return items[0];
  }

  private async nodes(selection: object): Promise<KubeObject[]> {
    const { items } = await this.client.resource(nodes).list(selection);
    return planNodeMetrics(items, await this.scraper.summaries(items.map(({ metadata }) => metadata.name ?? '')));
  }

  private async pods(selection: object, namespace: string | undefined): Promise<KubeObject[]> {
    const { items } = await this.client.resource(pods).list({ ...selection, ...(namespace ? { namespace } : {}) });
    const places = new Set(items.flatMap(({ spec }) => (spec.nodeName ? [spec.nodeName] : [])));
    return planPodMetrics(items, await this.scraper.summaries([...places]));
  }
}

const resourceOf = (name: string, kind: string, namespaced: boolean) => ({
  name,
  singularName: '',
  namespaced,
  kind,
  verbs: ['get', 'list'],
});
const version = { groupVersion: GROUP_VERSION, version: VERSION };
const group = { name: GROUP, versions: [version], preferredVersion: version };

/** Discovery. */
const DOCUMENTS: Readonly<Record<string, object>> = {
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [group] },
  [`/apis/${GROUP}`]: { kind: 'APIGroup', apiVersion: 'v1', ...group },
  [`/apis/${GROUP_VERSION}`]: {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: GROUP_VERSION,
    resources: [resourceOf('nodes', 'NodeMetrics', false), resourceOf('pods', 'PodMetrics', true)],
  },
};

/** The Status of whatever went wrong. */
export function statusOf(error: unknown): { readonly code: number; readonly body: object } {
  const known =
    error instanceof StatusError
      ? error
      : new StatusError({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${String(error)}` });
  return { code: known.code, body: known.status };
}
