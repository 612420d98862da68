import { check } from '../check.ts';
import { docker, succeeds } from '../docker.ts';
import type { Scenario } from './scenario.ts';

/** The one that hands a file to the owner of a directory: root, without a network, for a moment. */
const ROOT_FOR_A_MOMENT = 'kubeconfig';

/** Not what the file says (tests/deploy/compose-file.test.ts reads that) but what the engine made of it. */
export const hardening: Scenario = {
  name: 'hardening',
  async run(cluster) {
    const containers = JSON.parse(await docker('inspect', ...(await cluster.containers()))) as Record<string, any>[];
    const all = containers.map(({ Id, Config, HostConfig, NetworkSettings, State }) => ({
      ...{ id: Id, host: HostConfig, ports: NetworkSettings.Ports, running: State.Running },
      service: Config.Labels['com.docker.compose.service'] as string,
    }));
    for (const { id, service } of all.filter(({ running }) => running)) {
      const user = await docker('exec', id, 'id', '-u');
      if (user === '0') throw new Error(`${service} is root`);
      if (succeeds('docker', 'exec', id, 'touch', '/written')) throw new Error(`${service} can write to /`);
    }
    check(all.filter(({ running }) => running).length >= 14, 'nobody who runs is root or can write to /');
    const root = all.find(({ service }) => service === ROOT_FOR_A_MOMENT)!;
    check(!root.running && root.host.NetworkMode === 'none', `${ROOT_FOR_A_MOMENT} has ended and had no network`);
    for (const { service, host } of all) {
      if (!host.ReadonlyRootfs) throw new Error(`the root file system of ${service} can be written`);
      if (host.CapDrop?.join() !== 'ALL') throw new Error(`${service} keeps capabilities`);
      if (!host.SecurityOpt?.some((each: string) => each.startsWith('no-new-privileges')))
        throw new Error(`${service} can gain privileges`);
      const limits = [host.Memory, host.NanoCpus || host.CpuQuota, host.PidsLimit];
      if (!limits.every((limit) => limit > 0)) throw new Error(`${service} has not all limits: ${limits.join()}`);
    }
    check(
      all.length >= 16,
      `all ${all.length} containers: read-only, no capabilities, limits on memory, CPU and processes`,
    );
    const published = all.flatMap(({ service, ports }) =>
      Object.values(ports as Record<string, { HostIp: string; HostPort: string }[] | null>).flatMap((bindings) =>
        (bindings ?? []).map(({ HostIp, HostPort }) => `${service} ${HostIp}:${HostPort}`),
      ),
    );
    const expected = `haproxy 127.0.0.1:${cluster.environment['PILOTHOUSE_PORT']}`;
    check(published.join() === expected, `one port is published: ${expected}`);
  },
};
