import { formatGroupResource } from '@pilothouse/apimachinery';
import type { autoscalingV1, autoscalingV2 } from '@pilothouse/api';
import type { DiscoveredResource, KubeClient } from '@pilothouse/client';
import { fetchJson } from './fetch-json.ts';

type Reference = autoscalingV2.CrossVersionObjectReference;

/** Reads and writes the scale of whatever has one, and knows which resource a kind is. */
export class ScaleClient {
  private readonly client: KubeClient;
  private known: readonly DiscoveredResource[] = [];

  constructor(client: KubeClient) {
    this.client = client;
  }

  /** The resource of a kind, whatever version of its group is named. Looks again when it is new. */
  async findResource({ apiVersion, kind }: Reference): Promise<DiscoveredResource> {
    const [group, version] = splitApiVersion(apiVersion ?? '');
    const find = () => {
      const ofKind = this.known.filter((each) => each.group === group && each.kind === kind);
      return ofKind.find((each) => each.version === version) ?? ofKind.find((each) => each.preferred) ?? ofKind[0];
    };
    const found = find();
    if (found) return found;
    this.known = (await this.client.discover()).resources;
    const now = find();
    if (!now) throw new Error(`no matches for kind "${kind}" in group "${group}"`);
    return now;
  }

  async get(resource: DiscoveredResource, namespace: string, name: string): Promise<autoscalingV1.Scale> {
    return (await fetchJson(this.client, 'GET', scalePath(resource, namespace, name), resource)) as autoscalingV1.Scale;
  }

  async update(resource: DiscoveredResource, scale: autoscalingV1.Scale): Promise<void> {
    const { namespace = '', name = '' } = scale.metadata ?? {};
    await fetchJson(this.client, 'PUT', scalePath(resource, namespace, name), resource, scale);
  }
}

export const groupResourceOf = (resource: DiscoveredResource): string =>
  formatGroupResource(resource.group, resource.resource);

function scalePath({ group, version, resource }: DiscoveredResource, namespace: string, name: string): string {
  const prefix = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${prefix}/namespaces/${encodeURIComponent(namespace)}/${resource}/${encodeURIComponent(name)}/scale`;
}

function splitApiVersion(apiVersion: string): [group: string, version: string] {
  const parts = apiVersion.split('/');
  if (parts.length > 2) throw new Error(`unexpected GroupVersion string: ${apiVersion}`);
  return parts.length === 2 ? [parts[0]!, parts[1]!] : ['', parts[0]!];
}
