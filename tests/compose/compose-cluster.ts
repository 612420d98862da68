import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@pilothouse/testing';
import { eventually } from '../chaos/cluster/eventually.ts';
import { composeCommand, docker, run } from './docker.ts';
import { IMAGE_PREFIX, removeImages } from './images.ts';

/** The access of docs/deploy/etcd.md, as every command of its page needs it. */
const ETCD_ACCESS = [
  '--endpoints=https://etcd-1:2379,https://etcd-2:2379,https://etcd-3:2379',
  '--cacert=/pki/pki/etcd/ca.crt',
  '--cert=/pki/pki/etcd/healthcheck-client.crt',
  '--key=/pki/pki/etcd/healthcheck-client.key',
];

/** The cluster of docker-compose.yml under a project, port, tag and kubeconfig of its own: never the user's. */
export class ComposeCluster {
  readonly name = `pilothouse-test-${process.pid}`;
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly tag: string;

  private constructor(directory: string, port: number, tag: string) {
    this.directory = directory;
    this.tag = tag;
    this.environment = {
      ...process.env,
      COMPOSE_PROJECT_NAME: this.name,
      COMPOSE: composeCommand()!.join(' '),
      PILOTHOUSE_PORT: String(port),
      PILOTHOUSE_KUBECONFIG_DIR: directory,
      PILOTHOUSE_IMAGE_PREFIX: IMAGE_PREFIX,
      PILOTHOUSE_TAG: tag,
      PILOTHOUSE_ETCD_IMAGE: `${IMAGE_PREFIX}/etcd:${tag}`,
      KUBECONFIG: this.kubeconfig,
    };
  }

  get kubeconfig(): string {
    return join(this.directory, 'admin.conf');
  }

  static async create(tag: string): Promise<ComposeCluster> {
    return new ComposeCluster(mkdtempSync(join(tmpdir(), 'pilothouse-compose-')), await freePort(), tag);
  }

  kubectl(...args: string[]): Promise<string> {
    return run(this.environment, 'kubectl', ...args);
  }

  compose(...args: string[]): Promise<string> {
    const [command, ...first] = composeCommand()!;
    return run(this.environment, command!, ...first, `--project-name=${this.name}`, ...args);
  }

  /** A script of deploy/compose. */
  script(name: string, ...args: string[]): Promise<string> {
    return run(this.environment, `deploy/compose/${name}`, ...args);
  }

  /** `pilothouse etcd …` where the cluster's network and volumes are. */
  etcd(...args: string[]): Promise<string> {
    return this.compose('run', '--rm', '--no-deps', '-T', 'etcd-snapshots', 'etcd', ...args, ...ETCD_ACCESS);
  }

  /** The containers of these services, or of all, whether they run or not. */
  async containers(...services: string[]): Promise<string[]> {
    const label = 'com.docker.compose';
    const filters = [`--filter=label=${label}.project=${this.name}`, `--filter=label=${label}.oneoff=False`];
    const of = (service: string) =>
      docker('ps', '--all', '--quiet', ...filters, ...(service ? [`--filter=label=${label}.service=${service}`] : []));
    const found = await Promise.all((services.length > 0 ? services : ['']).map(of));
    return found.flatMap((ids) => ids.split('\n')).filter(Boolean);
  }

  /** The first container of a service. */
  async container(service: string): Promise<string> {
    return (await this.containers(service))[0]!;
  }

  /** Resolves with how long it took until all nodes were Ready. */
  async up(): Promise<number> {
    const sinceMs = performance.now();
    await this.compose('up', '-d', '--no-build');
    await eventually('three nodes are Ready', 60_000, async () => {
      const lines = (await this.kubectl('get', 'nodes', '--no-headers')).split('\n');
      return lines.filter((line) => / Ready /.test(line)).length === 3;
    });
    return performance.now() - sinceMs;
  }

  async healthy(service: string): Promise<void> {
    await eventually(`${service} is healthy`, 90_000, async () => {
      const ids = await this.containers(service);
      const states = await docker('inspect', '--format={{.State.Health.Status}}', ...ids);
      return states.split('\n').every((each) => each === 'healthy');
    });
  }

  /** The service that holds a lease: the holder's identity begins with the host name of its container. */
  async leaderOf(lease: string): Promise<string> {
    const path = '--output=jsonpath={.spec.holderIdentity}';
    const holder = await this.kubectl('get', 'lease', lease, '--namespace=kube-system', path);
    const label = '{{index .Config.Labels "com.docker.compose.service"}}';
    return docker('inspect', `--format=${label}`, holder.slice(0, 12));
  }

  async etcdLeader(): Promise<string> {
    const lines = (await this.etcd('status')).split('\n');
    return /etcd-\d/.exec(lines.find((line) => line.includes('leader'))!)![0];
  }

  /** Everything that was made for it: containers, network, volumes, images, files. */
  async remove(): Promise<void> {
    await this.compose('down', '--volumes', '--remove-orphans', '--timeout=5');
    for (const tag of [this.tag, nextTag(this.tag)]) await removeImages(`--filter=reference=${IMAGE_PREFIX}/*:${tag}`);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Of the images to which the cluster is upgraded. */
export function nextTag(tag: string): string {
  return `${tag}-next`;
}
