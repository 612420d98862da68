import { describe, expect, it } from 'vitest';
import type { Pod, Service } from '@pilothouse/api';
import { serviceEnv } from './service-env.ts';

const pod = (spec: object = {}): Pod => ({
  metadata: { name: 'p', namespace: 'shop' },
  spec: { containers: [], ...spec },
});
const service = (namespace: string, name: string, spec: object): Service => ({ metadata: { name, namespace }, spec });

const master = service('default', 'kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] });
const web = service('shop', 'web-front', {
  clusterIP: '10.96.0.7',
  ports: [{ port: 80 }, { name: 'dns', port: 53, protocol: 'UDP' }],
});

describe('variables for services', () => {
  it('name host, ports and links of the services beside the pod, and of the apiserver', () => {
    expect(serviceEnv(pod(), [master, web])).toMatchObject({
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
      KUBERNETES_SERVICE_PORT_HTTPS: '443',
      WEB_FRONT_SERVICE_HOST: '10.96.0.7',
      WEB_FRONT_SERVICE_PORT: '80',
      WEB_FRONT_PORT: 'tcp://10.96.0.7:80',
      WEB_FRONT_PORT_80_TCP_ADDR: '10.96.0.7',
      WEB_FRONT_SERVICE_PORT_DNS: '53',
      WEB_FRONT_PORT_53_UDP: 'udp://10.96.0.7:53',
    });
  });

  it('leave out other namespaces, services without an address, and links that the pod does not want', () => {
    const others = [
      service('other', 'a', { clusterIP: '10.96.0.9', ports: [] }),
      service('shop', 'b', { clusterIP: 'None', ports: [] }),
    ];
    expect(serviceEnv(pod(), others)).toEqual({});
    expect(
      Object.keys(serviceEnv(pod({ enableServiceLinks: false }), [master, web])).every((name) =>
        name.startsWith('KUBERNETES_'),
      ),
    ).toBe(true);
  });
});
