import { describe, expect } from 'vitest';
import { story } from '../story.ts';
import { session } from './session.ts';

/** A config map of that name, and with that value. */
const config = (name: string, x: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { part: 'a' } }, data: { x } });

/** https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/ */
describe('declarative commands', () => {
  story('apply makes, leaves and changes, and remembers what it applied', async (told) => {
    await session(
      told,
      [
        ['apply -f -', 'configmap/c created'],
        ['apply -f -', 'configmap/c unchanged'],
      ],
      config('c', '1'),
    );
    const changed = config('c', '2');
    await session(
      told,
      [
        ['apply -f - --dry-run=server', 'configmap/c configured (server dry run)'],
        ['apply -f -', 'configmap/c configured'],
        ['apply view-last-applied configmap c', /^apiVersion: v1\ndata:\n {2}x: "2"\nkind: ConfigMap\n/],
        ['apply set-last-applied -f -', 'configmap/c configured'],
      ],
      changed,
    );
  });

  story('diff shows what would change, and ends with 1', async (told) => {
    await session(told, [['apply -f -', 'configmap/c created']], config('c', '1'));
    expect(await told.kubectl('diff -f -', config('c', '1'))).toBe('');
    const error = await told.kubectl('diff -f -', config('c', '2')).catch((each: Error & { stdout: string }) => each);
    expect((error as { stdout: string }).stdout).toMatch(/\n-  x: "1"\n\+  x: "2"\n/);
  });

  story('apply prunes what is no longer there', async (told) => {
    await session(told, [['apply -f -', 'configmap/old created']], config('old', '1'));
    await session(
      told,
      [
        [
          'apply -f - --prune -l part=a --prune-allowlist=core/v1/ConfigMap',
          'configmap/new created\nconfigmap/old pruned',
        ],
      ],
      config('new', '1'),
    );
  });

  story('apply on the server tells of conflicts, and forces', async (told) => {
    await session(
      told,
      [['apply --server-side -f - --field-manager=a', 'configmap/c serverside-applied']],
      config('c', '1'),
    );
    await session(
      told,
      [
        ['!', 'apply --server-side -f - --field-manager=b', 'Apply failed with 1 conflict: conflict with "a": .data.x'],
        ['apply --server-side -f - --field-manager=b --force-conflicts', 'configmap/c serverside-applied'],
        ['get configmap c -o yaml --show-managed-fields', /\n {4}manager: b\n {4}operation: Apply\n/],
      ],
      config('c', '2'),
    );
  });

  story('patch of every type, and of subresources', async (told) => {
    await session(told, [
      ['create deployment web --image=nginx', 'deployment.apps/web created'],
      [`patch deployment web -p '{"spec":{"replicas":2}}'`, 'deployment.apps/web patched'],
      [`patch deployment web -p '{"spec":{"replicas":2}}'`, 'deployment.apps/web patched (no change)'],
      [
        `patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":1}]'`,
        'deployment.apps/web patched',
      ],
      [`patch deployment web --type=merge -p '{"metadata":{"annotations":{"a":"b"}}}'`, 'deployment.apps/web patched'],
      [
        `patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":2}}'`,
        'scale.autoscaling/web patched',
      ],
      ['get deployment web --subresource=scale -o jsonpath={.spec.replicas}', '2'],
      ['!', `patch deployment nope -p '{}'`, 'Error from server (NotFound): deployments.apps "nope" not found'],
      [
        '!',
        `patch deployment web -p '{"spec":{"replicas":-1}}'`,
        'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      ],
    ]);
  });

  story('replace needs what it replaces, and forced makes it anew', async (told) => {
    await session(
      told,
      [
        ['!', 'replace -f -', 'Error from server (NotFound): error when replacing'],
        ['create -f -', 'configmap/c created'],
        ['replace -f -', 'configmap/c replaced'],
        ['replace --force -f -', 'configmap "c" deleted\nconfigmap/c replaced'],
        ['delete -f -', 'configmap "c" deleted'],
        ['delete -f - --ignore-not-found', ''],
      ],
      config('c', '1'),
    );
  });
});
