import { expect, it } from 'vitest';
import type { PodSpec } from '@pilothouse/api';
import { dropDisabledPodFields } from './drop-disabled-fields.ts';

const spec = (): PodSpec => ({
  containers: [{ name: 'a', lifecycle: { stopSignal: 'SIGUSR1' } }],
  schedulingGroup: { podGroupName: 'group' },
  volumes: [{ name: 'trust', projected: { sources: [{ clusterTrustBundle: { path: 'ca', name: 'x' } }] } }],
});

it('drops what 1.36 does not do unless asked', () => {
  const each = spec();
  dropDisabledPodFields(each);
  expect(each).toEqual({
    containers: [{ name: 'a', lifecycle: {} }],
    volumes: [{ name: 'trust', projected: { sources: [{}] } }],
  });
});

it('leaves what is stored already', () => {
  const each = spec();
  dropDisabledPodFields(each, spec());
  expect(each).toEqual(spec());
});
