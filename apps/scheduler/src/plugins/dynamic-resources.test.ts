import { describe, expect, test } from 'vitest';
import type { DeviceTaintRule, Pod, ResourceClaim } from '@pilothouse/api';
import { claim, device, deviceClass, DRIVER, request, slice } from '../testing/devices.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod } from '../testing/objects.ts';

/** A pod that uses claims by their names. */
function user(name: string, ...claims: string[]): Pod {
  return pod(name, { spec: { resourceClaims: claims.map((each) => ({ name: each, resourceClaimName: each })) } });
}

function cluster(): FakeCluster {
  const made = new FakeCluster();
  made.apply(node('a'), node('b'));
  made.stores.deviceClasses.set(deviceClass());
  made.stores.resourceSlices.set(slice('b', [device('gpu-0')]));
  return made;
}

const stored = (made: FakeCluster, name: string): ResourceClaim => made.stores.resourceClaims.get(`default/${name}`)!;

describe('a pod with a claim', () => {
  test('lands where a device is, which is then allocated and reserved for it', async () => {
    const made = cluster();
    made.stores.resourceClaims.set(claim('one'));
    made.apply(user('web', 'one'));
    await made.settle();
    expect(made.nodeOf('web')).toBe('b');
    expect(stored(made, 'one')).toMatchObject({
      metadata: { finalizers: ['resource.kubernetes.io/delete-protection'] },
      status: {
        allocation: {
          devices: { results: [{ request: 'gpu', driver: DRIVER, pool: 'b', device: 'gpu-0' }] },
          nodeSelector: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }],
          },
        },
        reservedFor: [{ resource: 'pods', name: 'web', uid: 'uid-web' }],
      },
    });
  });

  test('waits while all devices are taken, and goes on when one is given back', async () => {
    const made = cluster();
    made.stores.resourceClaims.set(claim('one'));
    made.stores.resourceClaims.set(claim('two'));
    made.apply(user('first', 'one'));
    await made.settle();
    made.apply(user('second', 'two'));
    await made.settle();
    expect(made.messages('second')).toEqual([
      '0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    ]);
    made.stores.resourceClaims.delete('default/one');
    await made.clock.run(20_000);
    await made.settle();
    expect(made.nodeOf('second')).toBe('b');
  });

  test('gets no device that a rule has tainted, until the rule selects another', async () => {
    const made = cluster();
    const rule = (name: string): DeviceTaintRule => ({
      metadata: { name: 'broken' },
      spec: { deviceSelector: { driver: DRIVER, device: name }, taint: { key: 'broken', effect: 'NoExecute' } },
    });
    made.stores.deviceTaintRules.set(rule('gpu-0'));
    made.stores.resourceClaims.set(claim('one'));
    made.apply(user('web', 'one'));
    await made.settle();
    expect(made.nodeOf('web')).toBeUndefined();
    made.stores.deviceTaintRules.set(rule('gpu-1'));
    await made.clock.run(20_000);
    await made.settle();
    expect(made.nodeOf('web')).toBe('b');
  });

  test('shares it with others, on the node where it is', async () => {
    const made = cluster();
    made.stores.resourceClaims.set(claim('shared'));
    made.apply(user('first', 'shared'));
    await made.settle();
    made.apply(user('second', 'shared'));
    await made.settle();
    expect(made.nodeOf('second')).toBe('b');
    expect(stored(made, 'shared').status?.reservedFor?.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  test('is not tried before the claim of its template is there', async () => {
    const made = cluster();
    const template = pod('web', {
      spec: { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'template' }] },
    });
    made.apply(template);
    await made.settle();
    expect(made.nodeOf('web')).toBeUndefined();
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'uid-web', controller: true };
    const made1 = claim('web-gpu-x');
    made.stores.resourceClaims.set({ ...made1, metadata: { ...made1.metadata, ownerReferences: [owner] } });
    made.apply({
      ...template,
      status: { ...template.status, resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'web-gpu-x' }] },
    });
    await made.settle();
    expect(made.nodeOf('web')).toBe('b');
  });

  test('of a class that does not exist is told so', async () => {
    const made = cluster();
    made.stores.resourceClaims.set(claim('one', { requests: [request({ deviceClassName: 'nosuch' })] }));
    made.apply(user('web', 'one'));
    await made.settle();
    expect(made.messages('web')[0]).toContain('request gpu: device class nosuch does not exist');
  });

  test('whose allocation is out of reach and idle gets another one', async () => {
    const made = cluster();
    const away = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['gone'] }] }] };
    const results = [{ request: 'gpu', driver: DRIVER, pool: 'gone', device: 'gpu-9' }];
    made.stores.resourceClaims.set({
      ...claim('one'),
      status: { allocation: { devices: { results }, nodeSelector: away } },
    });
    made.apply(user('web', 'one'));
    await made.settle();
    expect(made.messages('web')[0]).toContain('2 resourceclaim not available on the node');
    await made.clock.run(20_000);
    await made.settle();
    expect(made.nodeOf('web')).toBe('b');
  });
});

describe('the arguments of the plugin', () => {
  const withArgs = (args: object): FakeCluster => {
    const pluginConfig = [{ name: 'DynamicResources', args: { ...args } }];
    return new FakeCluster({ configuration: { profiles: [{ schedulerName: 'default-scheduler', pluginConfig }] } });
  };

  test.each([[{ filterTimeout: '-1s' }], [{ bindingTimeout: 'soon' }]])('%j is refused', (args) => {
    expect(() => withArgs(args)).toThrow(/: Invalid value: .*: must be a duration of zero or more/);
  });

  test('bound the search for devices', async () => {
    const made = withArgs({ filterTimeout: '5ms' });
    made.apply(node('b'));
    made.stores.deviceClasses.set(deviceClass());
    // Ten devices of each model, and eleven of one model are wanted: there are very many ways to find that out.
    made.stores.resourceSlices.set(
      slice(
        'b',
        Array.from({ length: 40 }, (_, at) => device(`gpu-${at}`, { attributes: { model: { string: `m${at % 4}` } } })),
      ),
    );
    const constraints = [{ matchAttribute: `${DRIVER}/model` }];
    made.stores.resourceClaims.set(claim('one', { requests: [request({ count: 11 })], constraints }));
    // Each look at the clock takes a millisecond.
    const monotonicMs = made.clock.monotonicMs.bind(made.clock);
    let looks = 0;
    made.clock.monotonicMs = () => monotonicMs() + looks++;
    made.apply(user('web', 'one'));
    await made.settle();
    expect(made.messages('web')[0]).toContain('timed out trying to allocate devices');
  });
});
