import { noTracer, systemClock } from '@pilothouse/component';
import type { KubeObject } from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';
import type { ClientIdentity, ClientPool, ClientPoolOptions, KubeClient } from './contract.ts';
import { discover } from './discovery/discover.ts';
import { TokenBucket } from './flow/token-bucket.ts';
import { MetadataClient } from './rest/metadata-client.ts';
import { RestResourceClient } from './rest/resource-client.ts';
import { RestClient } from './rest/rest-client.ts';
import { restMetrics } from './rest/rest-metrics.ts';
import { createTransport } from './transport/create-transport.ts';

/** Connects on first use, and again whenever the connection is lost. */
export function createClientPool(options: ClientPoolOptions): ClientPool {
  const { server, tls, contentType = 'protobuf', qps, burst } = options;
  const clock = options.clock ?? systemClock();
  const url = new URL(server);
  const transport = createTransport(url, tls);
  const metrics = options.metrics && restMetrics(options.metrics, url.host);
  const client = ({ userAgent, token, onUnauthorized, impersonate, leadership }: ClientIdentity): KubeClient => {
    const rest = new RestClient({
      transport,
      url,
      userAgent,
      token: typeof token === 'function' ? token : () => token,
      onUnauthorized,
      impersonate,
      leadership,
      throttle: qps ? new TokenBucket({ perSecond: qps, burst: burst ?? Math.max(1, qps), clock }) : undefined,
      clock,
      metrics,
      tracer: options.tracer ?? noTracer,
    });
    return {
      clock,
      resource: <T extends KubeObject>(ref: ResourceRef<T>) => new RestResourceClient(rest, ref, contentType),
      metadata: (ref) => new MetadataClient(rest, ref, contentType),
      discover: (discoverOptions) => discover(rest, discoverOptions?.signal),
      raw: (method, path, { body, headers, signal } = {}) =>
        rest.raw({ method, path, headers, signal, body: typeof body === 'string' ? Buffer.from(body) : body }),
      close: () => transport.close(),
    };
  };
  return { client, close: () => transport.close() };
}
