import { describe, expect, it } from 'vitest';
import type { Pod } from '@pilothouse/api';
import { printAmounts } from './amounts.ts';
import { podEvaluator } from './pod-evaluator.ts';

const NOW = new Date('2026-01-01T12:00:00Z');

const pod = (spec: object, status: object = {}, metadata: object = {}): Pod =>
  ({ metadata, spec, status }) as unknown as Pod;
const usage = (each: Pod) => printAmounts(podEvaluator.usage(each, NOW));

const container = (requests: object, limits: object = {}) => ({
  name: 'c',
  image: 'i',
  resources: { requests, limits },
});

describe('what a pod uses of a quota', () => {
  it('is itself and what its containers ask for', () => {
    const containers = [
      container({ cpu: '100m', 'example.com/gpu': '2' }, { memory: '1Gi' }),
      container({ cpu: '200m' }),
    ];
    expect(usage(pod({ containers }))).toEqual({
      'count/pods': '1',
      pods: '1',
      cpu: '300m',
      'requests.cpu': '300m',
      'requests.example.com/gpu': '2',
      'limits.memory': '1Gi',
    });
  });

  it('is nothing but its place once it has finished, or should have gone', () => {
    const containers = [container({ cpu: '1' })];
    expect(usage(pod({ containers }, { phase: 'Succeeded' }))).toEqual({ 'count/pods': '1' });
    const gone = (deletionTimestamp: string) => ({ deletionTimestamp, deletionGracePeriodSeconds: 30 });
    expect(usage(pod({ containers }, {}, gone('2026-01-01T11:59:00Z')))).toEqual({ 'count/pods': '1' });
    expect(usage(pod({ containers }, {}, gone('2026-01-01T11:59:45Z')))).toMatchObject({ pods: '1' });
  });

  it('is, while it is resized, the larger of what it has and what it asks for', () => {
    const containers = [container({ cpu: '1', memory: '2Gi' }, { cpu: '1' })];
    const has = { name: 'c', resources: { requests: { cpu: '2' }, limits: { cpu: '3' } } };
    const resizing = { containerStatuses: [{ ...has, allocatedResources: { cpu: '1500m', memory: '1Gi' } }] };
    expect(usage(pod({ containers }, resizing))).toMatchObject({ cpu: '2', memory: '2Gi', 'limits.cpu': '3' });
    const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }];
    expect(usage(pod({ containers }, { ...resizing, conditions }))).toMatchObject({ memory: '1Gi' });
  });

  it.each<[string, boolean, Parameters<typeof podEvaluator.charges>[0]]>([
    ['its creation', true, { operation: 'CREATE', subresource: '' }],
    ['a change', false, { operation: 'UPDATE', subresource: '', object: pod({}), oldObject: pod({}) }],
    [
      'a deadline',
      true,
      { operation: 'UPDATE', subresource: '', object: pod({ activeDeadlineSeconds: 5 }), oldObject: pod({}) },
    ],
    ['a resize', true, { operation: 'UPDATE', subresource: 'resize', object: pod({}), oldObject: pod({}) }],
    ['its status', false, { operation: 'UPDATE', subresource: 'status', object: pod({}), oldObject: pod({}) }],
  ])('is charged, or not, for %s: %s', (_, charged, write) => {
    expect(podEvaluator.charges(write)).toBe(charged);
  });

  it('need not be said of each container when the pod says what it needs', () => {
    const containers = [container({})];
    expect(podEvaluator.problem!(pod({ containers }), ['requests.cpu'])).toBe('must specify requests.cpu for: c');
    const whole = pod({ containers, resources: { requests: { memory: '1Gi' } } });
    expect(podEvaluator.problem!(whole, ['requests.cpu'])).toBeUndefined();
  });

  it('counts in the scopes that it is in', () => {
    const inScope = (each: Pod, scopeName: string, more: object = {}) =>
      podEvaluator.inScope!(each, { scopeName, operator: 'Exists', ...more });
    const plain = pod({ containers: [container({})] });
    expect(inScope(plain, 'BestEffort')).toBe(true);
    expect(inScope(plain, 'NotBestEffort')).toBe(false);
    expect(inScope(plain, 'Terminating')).toBe(false);
    expect(inScope(pod({ containers: [], activeDeadlineSeconds: 5 }), 'Terminating')).toBe(true);
    const high = pod({ containers: [], priorityClassName: 'high' });
    expect(inScope(high, 'PriorityClass', { operator: 'In', values: ['high'] })).toBe(true);
    expect(inScope(high, 'PriorityClass', { operator: 'NotIn', values: ['high'] })).toBe(false);
  });
});
