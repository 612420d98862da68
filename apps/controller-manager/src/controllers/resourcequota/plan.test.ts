import { describe, expect, it } from 'vitest';
import type { KubeObject } from '@pilothouse/apimachinery';
import { quotaEvaluatorFor, type ResourceQuota } from '@pilothouse/api';
import { planQuotaStatus } from './plan.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const pods = (...specs: object[]): KubeObject[] =>
  specs.map((spec) => ({ kind: 'Pod', metadata: {}, spec: { containers: [], ...spec } }) as KubeObject);
const quota = (spec: object, used?: object): ResourceQuota =>
  ({ metadata: { name: 'q' }, spec, status: { used } }) as unknown as ResourceQuota;
const usedOf = (each: ResourceQuota, objects: KubeObject[]) =>
  planQuotaStatus(each, [{ evaluator: quotaEvaluatorFor('', 'pods'), objects }], NOW).used;

describe("a quota's status", () => {
  it('counts what is in all its scopes, and says zero of what there is none of', () => {
    const limits = { hard: { pods: '5', 'requests.cpu': '2' }, scopes: ['Terminating'] };
    expect(usedOf(quota(limits), pods({ activeDeadlineSeconds: 3 }, {}))).toEqual({ pods: '1', 'requests.cpu': '0' });
  });

  it('keeps the usage of what nobody counts, and has none where there was none', () => {
    const hard = { pods: '5', 'example.com/x': '2', 'count/widgets.example.com': '2' };
    const before = quota({ hard }, { pods: '3', 'count/widgets.example.com': '1', secrets: '7' });
    expect(usedOf(before, pods({}))).toEqual({ pods: '1', 'count/widgets.example.com': '1' });
  });
});
