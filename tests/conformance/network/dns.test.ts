import { describe, expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import { agnhost, exec, runPod, script } from '../pods.ts';

/** https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ */
describe('names', () => {
  const client = (told: Story, spec = {}) => runPod(told, script('sleep 10000'), spec);
  /** What the command prints; until it does, as the client may learn of a service after the server. */
  const says = (told: Story, pod: string, command: string, wanted: string): Promise<void> =>
    eventually(async () => expect(await exec(told, pod, `${command} || true`), command).toBe(wanted));

  story('the cluster’s own service has a name', async (told) => {
    const { name } = (await client(told)).metadata;
    const { clusterIP } = (await told.api.get('/api/v1/namespaces/default/services/kubernetes')).spec;
    for (const asked of ['kubernetes.default.svc.cluster.local', 'kubernetes.default.svc', 'kubernetes.default'])
      await says(told, name, `dig +short +search ${asked} A`, clusterIP);
  });

  story('a pod finds itself in /etc/hosts, by its host name and with its subdomain', async (told) => {
    await told.api.create(`${told.in()}/services`, {
      metadata: { name: 'sub' },
      spec: { clusterIP: 'None', selector: { app: 'x' }, ports: [{ port: 80 }] },
    });
    const pod = await client(told, { hostname: 'querier', subdomain: 'sub' });
    const { name } = pod.metadata;
    expect(await exec(told, name, 'hostname')).toBe('querier');
    expect(await exec(told, name, 'getent hosts querier')).toContain(pod.status.podIP);
    expect(await exec(told, name, `getent hosts querier.sub.${told.ns}.svc.cluster.local`)).toContain(pod.status.podIP);
    expect(await exec(told, name, 'cat /etc/hosts')).toContain(
      `${pod.status.podIP}\tquerier.sub.${told.ns}.svc.cluster.local\tquerier`,
    );
  });

  story('services are found by every form of their names, with their ports', async (told) => {
    const { name } = (await client(told)).metadata;
    const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
    const { spec } = await told.api.create(`${told.in()}/services`, {
      metadata: { name: 'normal' },
      spec: { selector: { app: 'server' }, ports },
    });
    await told.api.create(`${told.in()}/services`, {
      metadata: { name: 'headless' },
      spec: { clusterIP: 'None', selector: { app: 'server' }, ports },
    });
    const server = await runPod(
      told,
      agnhost(['netexec']),
      { hostname: 'first', subdomain: 'headless' },
      {
        labels: { app: 'server' },
      },
    );
    const { podIP } = server.status;
    const full = `${told.ns}.svc.cluster.local`;
    for (const suffix of ['', `.${told.ns}`, `.${told.ns}.svc`, `.${full}`]) {
      await says(told, name, `dig +short +search normal${suffix} A`, spec.clusterIP);
      await says(told, name, `dig +short +search headless${suffix} A`, podIP);
    }
    await says(told, name, 'dig +short +search _http._tcp.normal SRV', `0 100 80 normal.${full}.`);
    await says(told, name, 'dig +short +search _http._tcp.headless SRV', `0 100 80 first.headless.${full}.`);
    await says(told, name, `dig +short first.headless.${full}`, podIP);
    await says(told, name, `dig +short -x ${spec.clusterIP}`, `normal.${full}.`);
    await says(told, name, `dig +short -x ${podIP}`, `first.headless.${full}.`);
    await says(told, name, `dig +short ${podIP.replaceAll('.', '-')}.${told.ns}.pod.cluster.local`, podIP);
  });

  story('a name outside is another name, which changes, and then an address', async (told) => {
    const { name } = (await client(told)).metadata;
    const path = `${told.in()}/services/external`;
    await told.api.create(`${told.in()}/services`, {
      metadata: { name: 'external' },
      spec: { type: 'ExternalName', externalName: 'foo.example.com' },
    });
    const asked = `dig +short external.${told.ns}.svc.cluster.local`;
    await says(told, name, `${asked} CNAME`, 'foo.example.com.');
    await told.api.update(path, ({ spec }) => (spec.externalName = 'bar.example.com'));
    await says(told, name, `${asked} CNAME`, 'bar.example.com.');
    const { spec } = await told.api.update(path, (live) =>
      Object.assign(live.spec, { type: 'ClusterIP', externalName: undefined, ports: [{ port: 80 }] }),
    );
    await says(told, name, `${asked} A`, spec.clusterIP);
  });

  story('a pod says where it looks names up', async (told) => {
    const dnsConfig = {
      nameservers: ['1.1.1.1'],
      searches: ['resolv.conf.local'],
      options: [{ name: 'ndots', value: '2' }],
    };
    const { name } = (await runPod(told, agnhost(['pause']), { dnsPolicy: 'None', dnsConfig })).metadata;
    expect(await told.kubectl(`exec ${name} -- /agnhost dns-suffix`)).toBe('resolv.conf.local');
    expect(await told.kubectl(`exec ${name} -- /agnhost dns-server-list`)).toBe('1.1.1.1');
    expect(await exec(told, name, 'cat /etc/resolv.conf')).toBe(
      'search resolv.conf.local\nnameserver 1.1.1.1\noptions ndots:2',
    );
  });
});
