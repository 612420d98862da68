import type { Device, DeviceTaintRule, ResourceClaim, ResourceSlice } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { cellsOf, CONTEXT, created, exampleMeta, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { definitions } from '../definitions.ts';
import { deviceClass } from './device-class.ts';
import { deviceTaintRule } from './device-taint-rule.ts';
import { resourceClaimTemplate } from './resource-claim-template.ts';
import { resourceClaim } from './resource-claim.ts';
import { resourceSlice } from './resource-slice.ts';

const exactly = { deviceClassName: 'gpu' };
const claim = (devices: object): ResourceClaim => ({ metadata: exampleMeta(), spec: { devices: devices as never } });
const one = () => claim({ requests: [{ name: 'a', exactly: { ...exactly } }] });
const badReference =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

describe('ResourceClaim', () => {
  it('asks for one device by default', () => {
    const { requests } = created(
      resourceClaim,
      claim({
        requests: [
          { name: 'a', exactly: { ...exactly } },
          { name: 'b', firstAvailable: [{ name: 'x', deviceClassName: 'g', allocationMode: 'All' }] },
        ],
      }),
    ).spec.devices;
    expect(requests).toMatchObject([
      { exactly: { allocationMode: 'ExactCount', count: 1 } },
      { firstAvailable: [{ allocationMode: 'All' }] },
    ]);
    expect(requests![1]!.firstAvailable![0]!.count).toBeUndefined();
  });

  it.each<[object, string[]]>([
    [{ requests: [{ name: 'a', exactly }] }, []],
    [
      { requests: [{ name: 'a' }] },
      ['spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required'],
    ],
    [{ requests: [{ name: 'a', exactly: {} }] }, ['spec.devices.requests[0].exactly.deviceClassName: Required value']],
    [
      {
        requests: [
          { name: 'a', exactly },
          { name: 'a', exactly },
        ],
      },
      ['spec.devices.requests[1]: Duplicate value: "a"'],
    ],
    [
      { requests: [{ name: 'a', exactly: { ...exactly, allocationMode: 'All', count: 2 } }] },
      ["spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'"],
    ],
    [
      { requests: [{ name: 'a', exactly }], constraints: [{ requests: ['b'], matchAttribute: 'example.com/x' }] },
      [`spec.devices.constraints[0].requests[0]: Invalid value: "b": ${badReference}`],
    ],
    [
      { requests: [{ name: 'a', exactly }], config: [{ opaque: { driver: 'd', parameters: 3 } }] },
      ['spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object'],
    ],
    [
      { requests: Array.from({ length: 33 }, (_, at) => ({ name: `a${at}`, exactly })) },
      ['spec.devices.requests: Too many: 33: must have at most 32 items'],
    ],
  ])('%#', (devices, problems) => {
    expect(problemsOnCreate(resourceClaim, claim(devices))).toEqual(problems);
  });

  const result = { request: 'a', driver: 'd', pool: 'p', device: 'x' };
  const allocate = (each: ResourceClaim): void =>
    void (each.status = { allocation: { devices: { results: [result] } } });

  it('is allocated once, then reserved', () => {
    const old = created(resourceClaim, one());
    expect(
      problemsOnUpdate(
        resourceClaim,
        old,
        (each) => (each.status = { reservedFor: [{ resource: 'pods', name: 'p', uid: '1' }] }),
        'status',
      ),
    ).toEqual(['status.reservedFor: Forbidden: may not be specified when `allocated` is not set']);
    expect(problemsOnUpdate(resourceClaim, old, allocate, 'status')).toEqual([]);
    allocate(old);
    expect(
      problemsOnUpdate(
        resourceClaim,
        old,
        (each) => (each.status!.allocation!.devices!.results![0]!.pool = 'q'),
        'status',
      ),
    ).toHaveLength(1);
    expect(problemsOnUpdate(resourceClaim, old, ({ spec }) => (spec.devices.requests = []))).toHaveLength(1);
    expect(cellsOf(resourceClaim.columns, old)[1]).toBe('allocated');
  });

  it('forgets what was said of devices it gave back', () => {
    const old = created(resourceClaim, one());
    allocate(old);
    old.status!.devices = [{ driver: 'd', pool: 'p', device: 'x', conditions: [] }];
    const next = structuredClone(old);
    delete next.status!.allocation;
    resourceClaim.subresources!.status!.strategy!.prepareForUpdate!(next, old, CONTEXT);
    expect(next.status).toEqual({});
  });

  it('is flat in v1beta1', () => {
    const v1beta1 = definitions
      .find((each) => each.kind === 'ResourceClaim')!
      .versions.find((each) => each.version === 'v1beta1')!;
    const stored = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', ...created(resourceClaim, one()) };
    const shown = v1beta1.fromStorage!(stored) as any;
    expect(shown.spec.devices.requests).toEqual([
      { name: 'a', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 },
    ]);
    expect(v1beta1.toStorage!(shown)).toMatchObject(stored);
  });
});

describe('ResourceSlice', () => {
  const slice = (spec: object = {}, ...devices: Partial<Device>[]): ResourceSlice => ({
    metadata: { name: 's' },
    spec: {
      driver: 'd.example.com',
      nodeName: 'n',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      ...(devices.length ? { devices: devices as Device[] } : {}),
      ...spec,
    },
  });
  const oneOf = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

  it.each<[ResourceSlice, string[]]>([
    [slice(), []],
    [slice({ nodeName: undefined }), [`spec: Required value: ${oneOf}`]],
    [
      slice({ allNodes: true }),
      ['spec: Invalid value: "{`nodeName`, `allNodes`}": ' + `${oneOf}, but multiple fields are set`],
    ],
    [
      slice({ pool: { name: 'p', generation: 0, resourceSliceCount: 0 } }),
      ['spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero'],
    ],
    [
      slice({}, { name: 'A' }),
      [
        "spec.devices[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      ],
    ],
    [
      slice({}, { name: 'a', attributes: { x: {} } }),
      ['spec.devices[0].attributes[x]: Invalid value: "": exactly one value must be specified'],
    ],
    [
      slice({}, { name: 'a', attributes: { x: { version: '1' } } }),
      [
        'spec.devices[0].attributes[x].version: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0',
      ],
    ],
    [
      slice({}, { name: 'a', nodeName: 'n' }),
      [
        'spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
      ],
    ],
    [
      slice({}, { name: 'a', bindingConditions: ['ready'] }),
      [
        'spec.devices[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
      ],
    ],
    [
      slice({}, { name: 'a', taints: [{ key: 'k', effect: 'Odd' }] }),
      [
        'spec.devices[0].taints[0].effect: Unsupported value: "Odd": supported values: "NoExecute", "NoSchedule", "None"',
      ],
    ],
    [
      slice(
        {},
        {
          name: 'a',
          allowMultipleAllocations: true,
          capacity: { m: { value: '10', requestPolicy: { default: '3', validRange: { min: '2', step: '2' } } } },
        },
      ),
      [
        'spec.devices[0].capacity[m].requestPolicy.validRange.step: Invalid value: "3": value is not a multiple of a given step (2) from (2)',
      ],
    ],
  ])('%#', (each, problems) => {
    expect(problemsOnCreate(resourceSlice, each)).toEqual(problems);
  });

  it('keeps its driver, and says when a taint appeared', () => {
    const old = created(resourceSlice, slice({}, { name: 'a', taints: [{ key: 'k', effect: 'NoSchedule' }] }));
    expect(old.spec.devices![0]!.taints![0]!.timeAdded).toBe('2026-05-01T12:00:00Z');
    expect(problemsOnUpdate(resourceSlice, old, ({ spec }) => (spec.driver = 'e.example.com'))).toEqual([
      'spec.driver: Invalid value: "e.example.com": field is immutable',
    ]);
  });

  it('warns of drivers that shout', () => {
    expect(resourceSlice.strategy!.warnings!(slice({ driver: 'D.example.com' }), undefined, CONTEXT)).toHaveLength(1);
  });
});

describe('the rest', () => {
  it('a DeviceClass selects, and may stand for an extended resource', () => {
    const example = (spec: object) => ({ metadata: { name: 'gpu' }, spec });
    expect(problemsOnCreate(deviceClass, example({ extendedResourceName: 'example.com/gpu' }))).toEqual([]);
    expect(problemsOnCreate(deviceClass, example({ selectors: [{}], extendedResourceName: 'cpu' }))).toEqual([
      'spec.selectors[0].cel: Required value',
      'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
    ]);
  });

  it('a ResourceClaimTemplate is validated where it stands', () => {
    const template = {
      metadata: exampleMeta(),
      spec: { metadata: { labels: { 'a b': 'x' } }, spec: { devices: { requests: [{ name: '' }] } } },
    };
    expect(
      problemsOnCreate(resourceClaimTemplate, template as never).map((text) => text.slice(0, text.indexOf(':'))),
    ).toEqual(['spec.metadata.labels', 'spec.spec.devices.requests[0].name', 'spec.spec.devices.requests[0]']);
  });

  it('a DeviceTaintRule taints', () => {
    const example = (spec: object): DeviceTaintRule => ({ metadata: { name: 'a' }, spec: spec as never });
    expect(problemsOnCreate(deviceTaintRule, example({ taint: { key: 'a', effect: 'NoExecute' } }))).toEqual([]);
    expect(
      problemsOnCreate(deviceTaintRule, example({ deviceSelector: { pool: '' }, taint: { key: 'a', effect: '' } })),
    ).toEqual(['spec.deviceSelector.pool: Required value', 'spec.taint.effect: Required value']);
  });
});
