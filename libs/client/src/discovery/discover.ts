import { StatusError } from '@pilothouse/apimachinery';
import type { DiscoveryResult } from '../contract.ts';
import type { RestClient } from '../rest/rest-client.ts';
import { readAggregated, type ApiGroupDiscoveryList } from './aggregated-discovery.ts';
import { fetchLegacyDiscovery, type ApiGroupList, type ApiVersions } from './legacy-discovery.ts';

const AGGREGATED = ['v2', 'v2beta1'].map(
  (v) => `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`,
);
const ACCEPT = [...AGGREGATED, 'application/json'].join(',');

/** Asks `/api` and `/apis` in the aggregated form and takes the older one, document by document, where that is the answer. */
export async function discover(client: RestClient, signal?: AbortSignal): Promise<DiscoveryResult> {
  const [core, groups] = await Promise.all([fetchRoot(client, '/api', signal), fetchRoot(client, '/apis', signal)]);
  const lists = [core, groups].filter((document) => document !== undefined);
  if (lists.every(isAggregated)) return readAggregated(lists);
  return fetchLegacyDiscovery(client, core as ApiVersions | undefined, groups as ApiGroupList | undefined, signal);
}

type Root = ApiGroupDiscoveryList | ApiVersions | ApiGroupList;

function isAggregated(document: Root): document is ApiGroupDiscoveryList {
  return document.kind === 'APIGroupDiscoveryList';
}

/** A server that serves only groups has no `/api`; that is no failure. */
async function fetchRoot(client: RestClient, path: string, signal?: AbortSignal): Promise<Root | undefined> {
  const asked = { method: 'GET', group: '', resource: '' };
  try {
    const { body } = await client.send({ method: 'GET', path, accept: ACCEPT, signal }, asked);
    return JSON.parse(body.toString('utf8')) as Root;
  } catch (error) {
    if (error instanceof StatusError && (error.code === 404 || error.code === 403)) return undefined;
    throw error;
  }
}
