import { expect, test } from 'vitest';
import { CycleState } from '../framework/cycle-state.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod } from '../testing/objects.ts';
import { PodInfo } from '../cache/pod-info.ts';
import { nodeName } from './node-name.ts';

// A pod with a node name never comes to the queue, so this is asked of the plugin itself.
test.each([
  { wants: undefined, accepted: true },
  { wants: 'a', accepted: true },
  { wants: 'b', accepted: false },
])('a pod that asks for $wants on node a: accepted $accepted', ({ wants, accepted }) => {
  const { snapshot } = new FakeCluster().apply(node('a')).built.cache;
  const plugin = nodeName.build({}, undefined as never);
  const status = plugin.filter!(
    new CycleState(),
    new PodInfo(pod('p', wants ? { on: wants } : {})),
    snapshot.get('a')!,
  );
  expect(status?.reasons).toEqual(accepted ? undefined : ["node(s) didn't match the requested node name"]);
});
