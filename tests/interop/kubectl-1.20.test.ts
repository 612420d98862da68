import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDir, isInstalled, prepare, runClient, useCluster } from './cluster.ts';

const deployment = (image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: old}
spec:
  replicas: 2
  selector: {matchLabels: {app: old}}
  template:
    metadata: {labels: {app: old}}
    spec: {containers: [{name: web, image: '${image}'}]}
`;

/** Debian's package: a client six years older than the server, which reads OpenAPI v2 in Protobuf. */
describe.skipIf(!isInstalled('dpkg') || !isInstalled('apt-get'))('kubectl 1.20', () => {
  const cluster = useCluster();
  const folder = cacheDir('kubectl-1.20');
  const binary = join(folder, 'usr', 'bin', 'kubectl');
  const kubectl = (...args: string[]) => runClient(cluster.get().kubeconfig, binary, args);

  beforeAll(() => {
    if (existsSync(binary)) return;
    prepare('apt-get', ['download', 'kubernetes-client'], { cwd: folder });
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'))!;
    prepare('dpkg', ['-x', join(folder, archive), folder]);
  }, 120_000);

  it('applies, sees what is unchanged and what differs, rolls out and back', async () => {
    const [first, second] = ['nginx:1', 'nginx:2'].map((image) => cluster.get().file(deployment(image)));
    expect(await kubectl('apply', '-f', first!)).toBe('deployment.apps/old created');
    expect(await kubectl('apply', '-f', first!)).toBe('deployment.apps/old unchanged');
    await expect(kubectl('diff', '-f', second!)).rejects.toThrow();
    expect(await kubectl('apply', '-f', second!)).toBe('deployment.apps/old configured');
    await kubectl('rollout', 'status', 'deployment/old', '--timeout=60s');
    await kubectl('rollout', 'undo', 'deployment/old');
    await kubectl('rollout', 'status', 'deployment/old', '--timeout=60s');
    expect(await kubectl('get', 'deployment', 'old', '-o', 'jsonpath={..image}')).toBe('nginx:1');
    await kubectl('delete', 'deployment', 'old');
  });

  it('validates a manifest against the published schema before it sends it', async () => {
    const wrong = cluster
      .get()
      .file('apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containerz: [], containers: []}\n');
    await expect(kubectl('apply', '-f', wrong)).rejects.toThrow(
      /unknown field "containerz" in io.k8s.api.core.v1.PodSpec/,
    );
  });

  it('discovers, explains and prints', async () => {
    expect(await kubectl('explain', 'deployment.spec.strategy')).toContain('rollingUpdate');
    expect(await kubectl('api-resources', '-o', 'name')).toContain('deployments.apps');
    expect(await kubectl('get', 'nodes')).toMatch(/node-1 +Ready/);
    expect(await kubectl('get', 'all', '-A')).toContain('service/kubernetes');
    expect(await kubectl('describe', 'node', 'node-1')).toContain('Allocatable');
  });

  it('runs a pod, reads its log and executes in it over SPDY', async () => {
    await kubectl('run', 'talker', '--image=nginx');
    await kubectl('wait', 'pod/talker', '--for=condition=Ready', '--timeout=60s');
    expect(await kubectl('exec', 'talker', '--', 'echo', 'hello')).toBe('hello');
    expect(await kubectl('logs', 'talker')).not.toBe('');
    await kubectl('delete', 'pod', 'talker', '--now');
  });

  it('patches, labels, scales, drains and asks what it may', async () => {
    await kubectl('create', 'deployment', 'many', '--image=nginx', '--replicas=2');
    await kubectl('rollout', 'status', 'deployment/many', '--timeout=60s');
    for (const [type, patch] of [
      ['strategic', '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx:2"}]}}}}'],
      ['merge', '{"metadata":{"annotations":{"a":"b"}}}'],
      ['json', '[{"op":"add","path":"/metadata/labels/patched","value":"yes"}]'],
    ])
      expect(await kubectl('patch', 'deployment', 'many', `--type=${type}`, '-p', patch!)).toContain('patched');
    await kubectl('scale', 'deployment', 'many', '--replicas=3');
    await kubectl('rollout', 'status', 'deployment/many', '--timeout=60s');
    expect(await kubectl('get', 'deployment', 'many', '-o', 'jsonpath={.metadata.labels.patched} {..image}')).toBe(
      'yes nginx:2',
    );
    const drained = await kubectl('drain', 'node-1', '--ignore-daemonsets', '--delete-emptydir-data', '--force');
    expect(drained).toMatch(/node\/node-1 (drained|evicted)$/);
    expect(await kubectl('get', 'node', 'node-1')).toContain('SchedulingDisabled');
    expect(await kubectl('uncordon', 'node-1')).toContain('uncordoned');
    await kubectl('wait', 'deployment/many', '--for=condition=Available', '--timeout=60s');
    expect(await kubectl('auth', 'can-i', 'delete', 'nodes')).toBe('yes');
    await expect(kubectl('auth', 'can-i', 'delete', 'nodes', '--as=nobody')).rejects.toThrow();
    await kubectl('delete', 'deployment', 'many');
  });
});
