import { isJsonObject } from '@pilothouse/apimachinery';
import { SYSTEM_USER } from '../authentication/user-info.ts';
import type { DocumentV2 } from '../openapi/merge-documents.ts';
import type { ExtensionServer } from './extension-server.ts';

/** The documents of the group version that an extension server answers for; those that it does not have are absent. */
export interface RemoteOpenApi {
  /** `/apis/metrics.k8s.io/v1beta1` */
  readonly path: string;
  readonly v2?: DocumentV2;
  readonly v3?: object;
}

/** Asks as the apiserver itself. Extension servers need not publish anything. */
export async function readRemoteOpenApi(server: ExtensionServer): Promise<RemoteOpenApi> {
  const { group = '', version = '' } = server.service.spec;
  const path = `/apis/${group}/${version}`;
  const [v2, v3] = await Promise.all([
    fetchDocument(server, '/openapi/v2'),
    fetchDocument(server, '/openapi/v3').then((index) => indexedDocument(server, index, path)),
  ]);
  return { path, ...(v2 ? { v2 } : {}), ...(v3 ? { v3 } : {}) };
}

/** What the index says of the group version stands at a URL of its own. */
async function indexedDocument(
  server: ExtensionServer,
  index: Record<string, unknown> | undefined,
  path: string,
): Promise<object | undefined> {
  const paths = isJsonObject(index?.paths) ? index.paths : {};
  const entry = paths[path.slice(1)];
  const url = isJsonObject(entry) ? entry.serverRelativeURL : undefined;
  return typeof url === 'string' && url.startsWith('/') ? fetchDocument(server, url) : undefined;
}

async function fetchDocument(server: ExtensionServer, url: string): Promise<Record<string, unknown> | undefined> {
  try {
    const document: unknown = JSON.parse((await server.fetch(url, 'application/json', SYSTEM_USER)).toString());
    return isJsonObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}
