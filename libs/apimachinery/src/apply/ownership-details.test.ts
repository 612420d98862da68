import { describe, expect, it } from 'vitest';
import type { KubeObject, ManagedFieldsEntry } from '../meta/object.ts';
import { fieldManagerName } from './manager-name.ts';
import { managedFieldsFromScale, managedFieldsToScale } from './scale-managed-fields.ts';
import { withoutTimestampChanges } from './unchanged-timestamps.ts';

const entry = (manager: string, fieldsV1: object, more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  apiVersion: 'apps/v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: fieldsV1 as ManagedFieldsEntry['fieldsV1'] & {},
  ...more,
});

describe('the scale subresource', () => {
  const paths = new Map([['apps/v1', ['spec', 'replicas']]]);
  const replicas = { 'f:spec': { 'f:replicas': {} } };
  const parent = [
    entry('applier', { 'f:spec': { 'f:paused': {}, 'f:replicas': {} } }, { operation: 'Apply' }),
    entry('other', { 'f:spec': { 'f:paused': {} } }),
  ];

  it('shows who manages the number of replicas', () => {
    expect(managedFieldsToScale(parent, paths)).toEqual([
      entry('applier', replicas, { operation: 'Apply', apiVersion: 'autoscaling/v1' }),
    ]);
  });

  it('hands replicas from one manager to another', () => {
    const scaled = [entry('hpa', replicas, { apiVersion: 'autoscaling/v1', subresource: 'scale' })];
    expect(managedFieldsFromScale(parent, scaled, 'apps/v1', paths)).toEqual([
      entry('applier', { 'f:spec': { 'f:paused': {} } }, { operation: 'Apply' }),
      entry('hpa', replicas, { subresource: 'scale' }),
      entry('other', { 'f:spec': { 'f:paused': {} } }),
    ]);
  });

  it('leaves all as it was when nobody took anything', () => {
    expect(managedFieldsFromScale(parent, managedFieldsToScale(parent, paths)!, 'apps/v1', paths)).toEqual(parent);
  });
});

describe('a write that only moves times', () => {
  const at = (time: string, more: object = {}): KubeObject => ({
    kind: 'Thing',
    metadata: { name: 'a', resourceVersion: '5', managedFields: [entry('one', { 'f:spec': {} }, { time })] },
    ...more,
  });

  it('is the old object', () => {
    const old = at('2026-01-01T00:00:00Z');
    expect(withoutTimestampChanges(at('2026-01-02T00:00:00Z'), old)).toBe(old);
  });

  it('is not when anything else changed', () => {
    const old = at('2026-01-01T00:00:00Z');
    const next = at('2026-01-02T00:00:00Z', { spec: 1 });
    expect(withoutTimestampChanges(next, old)).toBe(next);
  });
});

it('the user agent names the manager when the request does not', () => {
  expect(fieldManagerName('me', 'kubectl/v1.32')).toBe('me');
  expect(fieldManagerName(undefined, 'kubectl/v1.32 (linux/amd64)')).toBe('kubectl');
  expect(fieldManagerName('', 'a\nb/1')).toBe('ab');
  expect(fieldManagerName('', `${'ü'.repeat(100)}/1`)).toBe('ü'.repeat(64));
});
