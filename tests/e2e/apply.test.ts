import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kubectlOf, useCluster } from './cluster.ts';

const cluster = useCluster();
const kubectl = kubectlOf(cluster);
const manifest = readFileSync(join(import.meta.dirname, 'everything.yaml'), 'utf8');

describe('kubectl apply', () => {
  it('creates a file of many kinds, finds it unchanged, shows and applies an edit, and deletes it', async () => {
    const created = await kubectl('apply', manifest);
    expect(created.split('\n').every((line) => line.endsWith(' created'))).toBe(true);
    await kubectl('rollout status deployment/web -n everything --timeout=60s');
    await kubectl('rollout status statefulset/db -n everything --timeout=60s');
    await kubectl('rollout status daemonset/agent -n everything --timeout=60s');
    await kubectl('wait job/once -n everything --for=condition=Complete --timeout=60s');
    expect(await kubectl('get endpoints web -n everything -o jsonpath={.subsets[0].addresses[*].targetRef.kind}')).toBe(
      'Pod Pod Pod',
    );
    expect(await kubectl('get pods -n everything -l app=db -o jsonpath={.items[*].metadata.name}')).toBe('db-0 db-1');
    expect(await kubectl('logs job/once -n everything')).toContain('hello');

    // The Secret's stringData is write-only, so to kubectl it always looks new.
    const again = (await kubectl('apply', manifest)).split('\n').filter((line) => !line.startsWith('secret/'));
    expect(again.every((line) => line.endsWith(' unchanged'))).toBe(true);

    const edited = manifest.replace('nginx:1.25', 'nginx:1.26');
    await expect(kubectl('diff', edited)).rejects.toThrow();
    expect(await kubectl('apply', edited)).toContain('deployment.apps/web configured');
    await kubectl('rollout status deployment/web -n everything --timeout=60s');

    await kubectl('delete --timeout=90s', manifest);
    expect(await kubectl('get namespaces -o name')).not.toContain('everything');
  });

  it('applies on the server, and tells whose fields are in conflict', async () => {
    const configMap = (colour: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: paint, namespace: default}\ndata: {colour: ${colour}}\n`;
    await kubectl('apply --server-side --field-manager=one', configMap('blue'));
    await expect(kubectl('apply --server-side --field-manager=two', configMap('red'))).rejects.toThrow(
      /conflict with "one": \.data\.colour/,
    );
    await kubectl('apply --server-side --field-manager=two --force-conflicts', configMap('red'));
    expect(await kubectl('get configmap paint -o jsonpath={.data.colour}')).toBe('red');
  });
});
