import type { RequestContext } from '@pilothouse/apimachinery';
import type { Device, ResourceSlice, resourceV1beta1 } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { deviceFromV1beta1, deviceToV1beta1 } from './convert-v1beta1.ts';
import { validateSlice } from './validate-slice.ts';

/** The devices of one pool, or some of them, as their driver announces them. */
export const resourceSlice: KindBehaviour<ResourceSlice> = {
  group: 'resource.k8s.io',
  kind: 'ResourceSlice',
  defaults: ({ spec }) => {
    for (const device of spec?.devices ?? []) defaultMappings(device);
  },
  columns: [
    nameColumn,
    column<ResourceSlice>('Node', ({ spec }) => spec.nodeName ?? ''),
    column<ResourceSlice>('Driver', ({ spec }) => spec.driver),
    column<ResourceSlice>('Pool', ({ spec }) => spec.pool.name),
    ageColumn,
  ],
  strategy: {
    prepareForCreate: (each: ResourceSlice, { now }: RequestContext) => stampTaints(each, now),
    prepareForUpdate: (next: ResourceSlice, _old: ResourceSlice, { now }: RequestContext) => stampTaints(next, now),
    validate: (each: ResourceSlice) => validateSlice(each),
    validateUpdate: (next: ResourceSlice, old: ResourceSlice) => validateSlice(next, old),
    warnings: ({ spec: { driver } }: ResourceSlice) =>
      driver === driver.toLowerCase()
        ? []
        : [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`],
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
    selectableFields: {
      'metadata.name': ({ metadata }: ResourceSlice) => metadata.name ?? '',
      'spec.nodeName': ({ spec }: ResourceSlice) => spec.nodeName ?? '',
      'spec.driver': ({ spec }: ResourceSlice) => spec.driver,
    },
    exactFieldLabels: true,
    deleteReturnsObject: true,
  },
  versions: {
    v1beta1: {
      defaults: ({ spec }) => {
        for (const { basic } of (spec?.devices ?? []) as unknown as resourceV1beta1.Device[]) defaultMappings(basic);
      },
      toStorage: (each: resourceV1beta1.ResourceSlice) => ({
        ...each,
        apiVersion: 'resource.k8s.io/v1',
        spec: { ...each.spec, ...(each.spec?.devices ? { devices: each.spec.devices.map(deviceFromV1beta1) } : {}) },
      }),
      fromStorage: (each: ResourceSlice) => ({
        ...each,
        apiVersion: 'resource.k8s.io/v1beta1',
        spec: { ...each.spec, ...(each.spec?.devices ? { devices: each.spec.devices.map(deviceToV1beta1) } : {}) },
      }),
    },
  },
};

function defaultMappings(device: Pick<Device, 'nodeAllocatableResourceMappings'> | undefined): void {
  for (const mapping of Object.values(device?.nodeAllocatableResourceMappings ?? {}))
    mapping.allocationMultiplier ??= '1';
}

/** A taint is as old as its first appearance. */
function stampTaints({ spec }: ResourceSlice, now: Date): void {
  for (const { taints } of spec.devices ?? []) {
    for (const taint of taints ?? []) taint.timeAdded ??= `${now.toISOString().slice(0, 19)}Z`;
  }
}
