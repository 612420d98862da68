import { posix } from 'node:path';
import type { WebhookClientConfig } from '@pilothouse/api';
import { joinHostPort } from '../../connect/transport-error.ts';

const DEFAULT_PORT = 443;

/** What a webhook is called by: the name that its certificate must have, and the text for messages. */
export interface WebhookUrl {
  readonly hostname: string;
  readonly port: number;
  /** As in messages and in the Host header; a service's port is always named. */
  readonly host: string;
  /** With the query. */
  readonly path: string;
}

/** Throws when the configuration names neither a service nor a URL. */
export function webhookUrl({ url, service }: WebhookClientConfig, timeoutMs: number): WebhookUrl {
  const query = `timeout=${timeoutMs / 1000}s`;
  if (service) {
    const port = service.port ?? DEFAULT_PORT;
    const hostname = `${service.name}.${service.namespace}.svc`;
    return { hostname, port, host: joinHostPort(hostname, port), path: `${cleanPath(service.path ?? '')}?${query}` };
  }
  if (!url) throw new Error('webhook configuration must have either service or URL');
  const { hostname, port, host, pathname, search } = new URL(url);
  const path = `${cleanPath(pathname)}${search === '' ? '?' : `${search}&`}${query}`;
  return { hostname: hostname.replace(/^\[|\]$/g, ''), port: Number(port || DEFAULT_PORT), host, path };
}

/**
 * As upstream's REST client joins paths: rooted, no double slashes, none at the end. controller-runtime's envtest writes
 * `https://host:port//mutate-…`, and Go's servers redirect what is not clean.
 */
function cleanPath(path: string): string {
  const clean = posix.join('/', path);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}
