import type { ResourceDefinition } from '@pilothouse/apimachinery';
import { describe, expect, it } from 'vitest';
import { applyRuntimeConfig } from './runtime-config.ts';

const definition = (group: string, resource: string, ...versions: string[]) =>
  ({ group, resource, versions: versions.map((version) => ({ version })) }) as unknown as ResourceDefinition;

const DEFINITIONS = [
  definition('', 'pods', 'v1'),
  definition('apps', 'deployments', 'v1'),
  definition('batch', 'jobs', 'v1'),
  definition('storage.k8s.io', 'classes', 'v1', 'v1beta1', 'v1alpha1'),
];

const served = (...entries: string[]) =>
  applyRuntimeConfig(DEFINITIONS, entries).flatMap(({ resource, versions }) =>
    versions.map(({ version }) => `${resource}.${version}`),
  );

const ALL = served();

describe('--runtime-config', () => {
  it.each<[string[], string[]]>([
    [[], ALL],
    [['api/all=true'], ALL],
    [['api/beta=false'], ALL.filter((each) => !each.includes('beta'))],
    [['api/alpha=false', 'storage.k8s.io/v1alpha1'], ALL],
    [['api/all=false', 'api/v1=true'], ['pods.v1']],
    [
      ['api/all=false', 'v1=true', 'api/beta=true'],
      ['pods.v1', 'classes.v1beta1'],
    ],
    [['api/ga=false'], ['classes.v1beta1', 'classes.v1alpha1']],
    [['batch/v1=false'], ALL.filter((each) => each !== 'jobs.v1')],
    [['apps/v1/deployments=false'], ALL.filter((each) => each !== 'deployments.v1')],
    [['apps/v1beta1=true'], ALL],
  ])('%j', (entries, expected) => {
    expect(served(...entries)).toEqual(expected);
  });

  it('keeps what it does not serve readable from storage', () => {
    const [, , jobs] = applyRuntimeConfig(DEFINITIONS, ['batch/v1=false']);
    expect(jobs!.unservedVersions?.map(({ version }) => version)).toEqual(['v1']);
  });

  it('knows the groups it may be told of, and two values', () => {
    expect(() => served('nothing.example.com/v1=true')).toThrow('unknown api groups nothing.example.com');
    expect(() => served('api/all=maybe')).toThrow('invalid value of runtime-config key api/all: maybe');
  });
});
