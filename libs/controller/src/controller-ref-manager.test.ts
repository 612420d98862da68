import { describe, expect, it } from 'vitest';
import { invalid, newControllerRef, notFound, type KubeObject } from '@pilothouse/apimachinery';
import { pods, type Pod } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import { ControllerRefManager } from './controller-ref-manager.ts';

const owner: KubeObject = {
  kind: 'ReplicaSet',
  apiVersion: 'apps/v1',
  metadata: { name: 'rs', namespace: 'a', uid: 'rs-1' },
};
const spec = { containers: [] };
const pod = (name: string, labels: Record<string, string>, owned = false): Pod => ({
  spec,
  metadata: {
    name,
    namespace: 'a',
    uid: `uid-${name}`,
    labels,
    ...(owned ? { ownerReferences: [newControllerRef(owner)] } : {}),
  },
});

function makeManager({ live = owner, fail }: { live?: KubeObject; fail?: Error } = {}) {
  const patches: unknown[] = [];
  let liveReads = 0;
  const resource = () => ({
    patch: async (name: string, patch: { body: unknown }, { namespace }: { namespace: string }) => {
      patches.push({ name, namespace, body: patch.body });
      if (fail) throw fail;
    },
  });
  const manager = new ControllerRefManager<Pod>({
    client: { resource } as unknown as KubeClient,
    resource: pods,
    controller: owner,
    selector: { matches: (labels) => labels.app === 'web' },
    fetchController: async () => {
      liveReads++;
      return live;
    },
  });
  const claim = async (...candidates: Pod[]) => (await manager.claim(candidates)).map((each) => each.metadata!.name);
  return { claim, patches, liveReads: () => liveReads };
}

describe('ControllerRefManager', () => {
  it('keeps, adopts and releases, after one live read', async () => {
    const { claim, patches, liveReads } = makeManager();
    const candidates = [
      pod('kept', { app: 'web' }, true),
      pod('orphan', { app: 'web' }),
      pod('orphan-2', { app: 'web' }),
    ];
    expect(await claim(...candidates, pod('gone-astray', { app: 'x' }, true), pod('alien', { app: 'x' }))).toEqual([
      'kept',
      'orphan',
      'orphan-2',
    ]);
    expect(liveReads()).toBe(1);
    expect(patches).toContainEqual({
      name: 'orphan',
      namespace: 'a',
      body: { metadata: { uid: 'uid-orphan', ownerReferences: [newControllerRef(owner)] } },
    });
    expect(patches).toContainEqual({
      name: 'gone-astray',
      namespace: 'a',
      body: { metadata: { uid: 'uid-gone-astray', ownerReferences: [{ $patch: 'delete', uid: 'rs-1' }] } },
    });
    expect(patches).toHaveLength(3);
  });

  it('adopts nothing for a controller that is, on a live look, being deleted or another', async () => {
    const deleted = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } };
    await expect(makeManager({ live: deleted }).claim(pod('o', { app: 'web' }))).rejects.toThrow(
      "can't adopt Pod a/o (uid-o): a/rs has just been deleted at 2030-01-01T00:00:00Z",
    );
    const other = { ...owner, metadata: { ...owner.metadata, uid: 'rs-2' } };
    await expect(makeManager({ live: other }).claim(pod('o', { app: 'web' }))).rejects.toThrow(
      'original ReplicaSet a/rs is gone: got uid rs-2, wanted rs-1',
    );
  });

  it('takes an object that is gone for not owned', async () => {
    const { claim } = makeManager({ fail: notFound(pods, 'o') });
    expect(await claim(pod('o', { app: 'web' }), pod('r', {}, true))).toEqual([]);
  });

  it('takes a release that the server finds senseless for done', async () => {
    const { claim } = makeManager({ fail: invalid('', 'Pod', 'r', []) });
    expect(await claim(pod('r', {}, true))).toEqual([]);
  });

  it('throws all failures together', async () => {
    const { claim, patches } = makeManager({ fail: new Error('down') });
    await expect(claim(pod('a', { app: 'web' }), pod('b', { app: 'web' }))).rejects.toThrow('[down, down]');
    expect(patches).toHaveLength(2);
  });
});
