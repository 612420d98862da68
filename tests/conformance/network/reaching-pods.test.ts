import { describe, expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import { agnhost, exec, runPod, script } from '../pods.ts';
import type { Json } from '../api.ts';

const LABELS = { labels: { app: 'server' } };

/** A server on each of the nodes. */
async function servers(told: Story, count = 3): Promise<Json[]> {
  return Promise.all(
    Array.from({ length: count }, () => runPod(told, agnhost(['netexec', '--udp-port=8081']), {}, LABELS)),
  );
}

async function service(told: Story, spec: Json): Promise<Json> {
  return told.api.create(`${told.in()}/services`, {
    metadata: { name: 's' },
    spec: { selector: { app: 'server' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
  });
}

async function nodeAddress({ api }: Story): Promise<string> {
  const { items } = await api.get('/api/v1/nodes');
  const addresses = items.flatMap(({ status }: Json) => status.addresses ?? []);
  return addresses.find(({ type }: Json) => type === 'InternalIP').address;
}

/** https://kubernetes.io/docs/concepts/services-networking/ */
describe('the network', () => {
  for (const [protocol, port] of [
    ['http', 8080],
    ['udp', 8081],
  ] as const) {
    story(`every pod reaches every other by ${protocol}`, async (told) => {
      const all = await servers(told);
      const { name } = (await runPod(told, script('sleep 10000'))).metadata;
      for (const from of all)
        for (const to of all) {
          const query = `request=hostname&protocol=${protocol}&host=${to.status.podIP}&port=${port}&tries=1`;
          const said = await exec(told, name, `curl -g -q -s "http://${from.status.podIP}:8080/dial?${query}"`);
          expect(JSON.parse(said)).toEqual({ responses: [to.metadata.name] });
        }
    });

    story(`a pod in its node’s network reaches every pod by ${protocol}`, async (told) => {
      const all = await servers(told);
      const { name } = (await runPod(told, script('sleep 10000'), { hostNetwork: true })).metadata;
      for (const { status, metadata } of all) {
        const command =
          protocol === 'http'
            ? `curl -g -q -s --max-time 15 http://${status.podIP}:8080/hostName`
            : `echo hostName | nc -w 1 -u ${status.podIP} 8081`;
        expect(await exec(told, name, command)).toBe(metadata.name);
      }
    });
  }

  story('a node port is reached by name, cluster address and at the node', async (told) => {
    const [server] = await servers(told, 1);
    const { spec } = await service(told, { type: 'NodePort' });
    const { name } = (await runPod(told, script('sleep 10000'))).metadata;
    for (const where of ['s:80', `${spec.clusterIP}:80`, `${await nodeAddress(told)}:${spec.ports[0].nodePort}`])
      await eventually(async () =>
        expect(await exec(told, name, `curl -s http://${where}/hostname`)).toBe(server.metadata.name),
      );
  });

  for (const type of ['ClusterIP', 'NodePort']) {
    story(`session affinity of a ${type} service holds a client at one pod, and can be switched`, async (told) => {
      const all = (await servers(told)).map(({ metadata }) => metadata.name as string);
      const { spec } = await service(told, { type, sessionAffinity: 'ClientIP' });
      const { name } = (await runPod(told, script('sleep 10000'))).metadata;
      const where =
        type === 'NodePort' ? `${await nodeAddress(told)}:${spec.ports[0].nodePort}` : `${spec.clusterIP}:80`;
      const answers = async (): Promise<string[]> => {
        const loop = `for i in $(seq 30); do curl -s http://${where}/hostname; echo; done`;
        const said = (await exec(told, name, loop)).split('\n');
        expect(said).toHaveLength(30);
        return [...new Set(said)];
      };
      await eventually(async () => expect(await answers()).toHaveLength(1));
      await told.api.update(`${told.in()}/services/s`, (live) => (live.spec.sessionAffinity = 'None'));
      await eventually(async () => expect((await answers()).toSorted()).toEqual(all.toSorted()));
      await told.api.update(`${told.in()}/services/s`, (live) => (live.spec.sessionAffinity = 'ClientIP'));
      await eventually(async () => expect(await answers()).toHaveLength(1));
    });
  }

  story('a service serves one port by two protocols, together and alone', async (told) => {
    const [server] = await servers(told, 1);
    const tcp = { name: 'tcp', port: 80, protocol: 'TCP', targetPort: 8080 };
    const udp = { name: 'udp', port: 80, protocol: 'UDP', targetPort: 8081 };
    await service(told, { ports: [tcp, udp] });
    const { name } = (await runPod(told, script('sleep 10000'))).metadata;
    const reaches = (wanted: { tcp: boolean; udp: boolean }): Promise<void> =>
      eventually(async () => {
        const command = 'curl -s http://s/hostname; echo /; echo hostname | nc -u -w 1 s 80; true';
        const [byTcp = '', byUdp = ''] = (await exec(told, name, command)).split('/').map((each) => each.trim());
        expect([byTcp, byUdp]).toEqual([
          wanted.tcp ? server.metadata.name : '',
          wanted.udp ? server.metadata.name : '',
        ]);
      });
    await reaches({ tcp: true, udp: true });
    await told.api.update(`${told.in()}/services/s`, ({ spec }) => (spec.ports = [tcp]));
    await reaches({ tcp: true, udp: false });
    await told.api.update(`${told.in()}/services/s`, ({ spec }) => (spec.ports = [udp]));
    await reaches({ tcp: false, udp: true });
  });

  story('endpoints of several ports come and go with their pods', async (told) => {
    await service(told, {
      ports: [
        { name: 'portname1', port: 80, targetPort: 'serve-80' },
        { name: 'portname2', port: 81, targetPort: 'serve-81' },
      ],
    });
    const ports = async (): Promise<Record<string, string[]>> => {
      const { subsets = [] } = await told.api.get(`${told.in()}/endpoints/s`);
      const byPod: Record<string, string[]> = {};
      for (const { addresses = [], ports: open = [] } of subsets)
        for (const { targetRef } of addresses)
          (byPod[targetRef.name] ??= []).push(...open.map(({ name, port }: Json) => `${name}=${port}`));
      return byPod;
    };
    const pod = (name: string, portName: string, containerPort: number): Promise<Json> =>
      runPod(told, agnhost(['netexec'], { ports: [{ name: portName, containerPort }] }), {}, { name, ...LABELS });
    const become = (wanted: Record<string, string[]>): Promise<void> =>
      eventually(async () => expect(await ports()).toEqual(wanted));
    await become({});
    await pod('pod1', 'serve-80', 100);
    await become({ pod1: ['portname1=100'] });
    await pod('pod2', 'serve-81', 101);
    await become({ pod1: ['portname1=100'], pod2: ['portname2=101'] });
    await told.api.delete(`${told.in()}/pods/pod1`);
    await become({ pod2: ['portname2=101'] });
    await told.api.delete(`${told.in()}/pods/pod2`);
    await become({});
  });

  story('services have their endpoints soon', async (told) => {
    await runPod(told, agnhost(['pause']), {}, LABELS);
    const names = Array.from({ length: 40 }, (_, index) => `latency-${index}`);
    await Promise.all(
      names.map(async (name) => {
        await told.api.create(`${told.in()}/services`, {
          metadata: { name },
          spec: { selector: { app: 'server' }, ports: [{ port: 80 }] },
        });
        await eventually(async () =>
          expect((await told.api.get(`${told.in()}/endpoints/${name}`)).subsets?.[0].addresses).toHaveLength(1),
        );
      }),
    );
  });

  for (const [resource, groupVersion] of [
    ['replicasets', 'apps/v1'],
    ['replicationcontrollers', 'v1'],
  ] as const) {
    story(`every replica of one of the ${resource} serves`, async (told) => {
      const template = { metadata: LABELS, spec: { containers: [agnhost(['serve-hostname'])] } };
      const selector = groupVersion === 'v1' ? LABELS.labels : { matchLabels: LABELS.labels };
      await told.api.create(`${told.in(groupVersion)}/${resource}`, {
        metadata: { name: 'basic' },
        spec: { replicas: 2, selector, template },
      });
      const pods = await eventually(async () => {
        const { items } = await told.api.get(`${told.in()}/pods`);
        expect(items.map(({ status }: Json) => status.phase)).toEqual(['Running', 'Running']);
        return items;
      });
      for (const { metadata } of pods) {
        const answer = await eventually(() => told.api.send('GET', `${told.in()}/pods/${metadata.name}:9376/proxy/`));
        expect(answer.text).toBe(metadata.name);
      }
    });
  }
});
