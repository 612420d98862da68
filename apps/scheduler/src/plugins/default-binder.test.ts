import type { Binding } from '@pilothouse/api';
import { expect, test } from 'vitest';
import { PodInfo } from '../cache/pod-info.ts';
import { CycleState } from '../framework/cycle-state.ts';
import { pod } from '../testing/objects.ts';
import { defaultBinder } from './default-binder.ts';

test('binds this very pod, told apart from a successor by its uid', async () => {
  const bindings: Binding[] = [];
  const api = { bindPod: async (binding: Binding) => void bindings.push(binding) };
  const plugin = defaultBinder.build({}, { api } as never);
  expect(await plugin.bind!(new CycleState(), new PodInfo(pod('p')), 'a')).toBeUndefined();
  expect(bindings).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'p', namespace: 'default', uid: 'uid-p' },
      target: { kind: 'Node', name: 'a' },
    },
  ]);
});
