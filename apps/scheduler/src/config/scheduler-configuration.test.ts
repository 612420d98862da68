import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { parseConfiguration, type SchedulerProfile } from './scheduler-configuration.ts';

const HEADER = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

describe('a configuration file', () => {
  test('that says nothing has the defaults', () => {
    expect(parseConfiguration(HEADER)).toMatchObject({
      profiles: [{ schedulerName: 'default-scheduler' }],
      percentageOfNodesToScore: 0,
      podInitialBackoffSeconds: 1,
      podMaxBackoffSeconds: 10,
    });
  });

  test.each([
    ['apiVersion: v1\nkind: Pod', 'no kind "Pod" is registered for version "v1"'],
    [`${HEADER}typo: 1`, 'unknown field "typo"'],
    [`${HEADER}profiles: [{schedulerName: a, plugin: {}}]`, 'unknown field "profiles[0].plugin"'],
    [`${HEADER}profiles: [{plugins: {filters: {}}}]`, 'unknown field "profiles[0].plugins.filters"'],
    [`${HEADER}profiles: [{schedulerName: a}, {schedulerName: a}]`, 'profiles[1].schedulerName: Duplicate value: "a"'],
    [`${HEADER}percentageOfNodesToScore: 101`, 'percentageOfNodesToScore: Invalid value: 101'],
    [`${HEADER}podInitialBackoffSeconds: 0`, 'podInitialBackoffSeconds: Invalid value: 0: must be greater than 0'],
    [
      `${HEADER}parallelism: 0\npercentageOfNodesToScore: -1\npodMaxBackoffSeconds: 0.5`,
      '[parallelism: Invalid value: 0: should be an integer value greater than zero, percentageOfNodesToScore: Invalid value: -1: not in valid range [0-100], podMaxBackoffSeconds: Invalid value: 0.5: must be greater than or equal to PodInitialBackoffSeconds]',
    ],
    [
      `${HEADER}extenders: [{urlPrefix: "http://a", managedResources: [{name: cpu}, {name: a.b/c}, {name: a.b/c}]}]`,
      '[extenders[0].managedResources[0].name: Invalid value: "cpu": is an invalid extended resource name, extenders[0].managedResources[2].name: Invalid value: "a.b/c": duplicate extender managed resource name]',
    ],
    [
      `${HEADER}leaderElection: {resourceLock: endpoints}`,
      'leaderElection.resourceLock: Invalid value: "endpoints": resourceLock value must be "leases"',
    ],
    ['- a\n- b', 'not an object'],
  ])('%j is refused', (text, message) => expect(() => parseConfiguration(text)).toThrow(message));
});

describe('a profile', () => {
  const build = (profile: Partial<SchedulerProfile>) => {
    const profiles = [{ schedulerName: 'default-scheduler', ...profile }];
    return new FakeCluster({ configuration: { profiles } }).built.profiles.get('default-scheduler')!.plugins;
  };
  const names = (plugins: readonly { name: string }[]) => plugins.map(({ name }) => name);

  test("without plugins has upstream's, in its order and with its weights", () => {
    const plugins = build({});
    expect(names(plugins.filter)).toEqual([
      'NodeUnschedulable',
      'NodeName',
      'TaintToleration',
      'NodeAffinity',
      'NodePorts',
      'NodeResourcesFit',
      'VolumeRestrictions',
      'NodeVolumeLimits',
      'VolumeBinding',
      'VolumeZone',
      'PodTopologySpread',
      'InterPodAffinity',
      'DynamicResources',
    ]);
    expect(plugins.score.map(({ plugin, weight }) => [plugin.name, weight])).toEqual([
      ['TaintToleration', 3],
      ['NodeAffinity', 2],
      ['NodeResourcesFit', 1],
      ['PodTopologySpread', 2],
      ['InterPodAffinity', 2],
      ['NodeResourcesBalancedAllocation', 1],
      ['ImageLocality', 1],
    ]);
    expect(names(plugins.preEnqueue)).toEqual(['SchedulingGates', 'DynamicResources', 'DefaultPreemption']);
    expect(names(plugins.bind)).toEqual(['DefaultBinder']);
  });

  test('can disable a plugin at one point or at all', () => {
    const plugins = build({
      plugins: { score: { disabled: [{ name: 'ImageLocality' }] }, multiPoint: { disabled: [{ name: 'NodePorts' }] } },
    });
    expect(names(plugins.score.map(({ plugin }) => plugin))).not.toContain('ImageLocality');
    expect(names(plugins.filter)).not.toContain('NodePorts');
    expect(names(plugins.preFilter)).not.toContain('NodePorts');
  });

  test('can change a weight, which moves the plugin to the front', () => {
    const plugins = build({ plugins: { score: { enabled: [{ name: 'ImageLocality', weight: 50 }] } } });
    expect(plugins.score[0]).toMatchObject({ plugin: { name: 'ImageLocality' }, weight: 50 });
    expect(plugins.score).toHaveLength(7);
  });

  test('can start from nothing', () => {
    const multiPoint = {
      disabled: [{ name: '*' }],
      enabled: [{ name: 'PrioritySort' }, { name: 'NodeName' }, { name: 'DefaultBinder' }],
    };
    const plugins = build({ plugins: { multiPoint } });
    expect(names(plugins.filter)).toEqual(['NodeName']);
    expect(plugins.score).toEqual([]);
  });

  test.each<[string, Partial<SchedulerProfile>]>([
    ['plugin "Nope" does not exist', { plugins: { filter: { enabled: [{ name: 'Nope' }] } } }],
    ['plugin "NodeName" does not extend score plugin', { plugins: { score: { enabled: [{ name: 'NodeName' }] } } }],
    ['only one queue sort plugin required', { plugins: { queueSort: { disabled: [{ name: '*' }] } } }],
    ['at least one bind plugin is needed', { plugins: { bind: { disabled: [{ name: '*' }] } } }],
    ['unknown field "typo" in NodeAffinityArgs', { pluginConfig: [{ name: 'NodeAffinity', args: { typo: 1 } }] }],
    ['repeated config for plugin NodeAffinity', { pluginConfig: [{ name: 'NodeAffinity' }, { name: 'NodeAffinity' }] }],
  ])('is refused: %s', (message, profile) => expect(() => build(profile)).toThrow(message));
});
