import type { FlowSchema, PriorityLevelConfiguration } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { cellsOf, created, problemsOnCreate } from '../core/example-objects.ts';
import { flowSchema } from './flow-schema.ts';
import { MANDATORY_FLOW_SCHEMAS, MANDATORY_PRIORITY_LEVELS } from './mandatory.ts';
import { priorityLevelConfiguration } from './priority-level-configuration.ts';

const resourceRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] };
const subject = { kind: 'User', user: { name: 'bob' } };
const schema = (spec: object, name = 'a'): FlowSchema => ({
  metadata: { name },
  spec: { priorityLevelConfiguration: { name: 'p' }, ...spec } as never,
});

describe('FlowSchema', () => {
  it.each<[object, string[]]>([
    [{ rules: [{ subjects: [subject], resourceRules: [resourceRule] }] }, []],
    [
      { matchingPrecedence: 1 },
      ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
    ],
    [{ matchingPrecedence: 10_001 }, ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000']],
    [
      { priorityLevelConfiguration: {} },
      ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level'],
    ],
    [
      { rules: [{ subjects: [] }] },
      [
        'spec.rules[0].subjects: Required value: subjects must contain at least one value',
        'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
      ],
    ],
    [
      { rules: [{ subjects: [{ kind: 'Group', user: { name: 'a' } }], resourceRules: [resourceRule] }] },
      [
        "spec.rules[0].subjects[0].group: Required value: group is required when subject kind is 'Group'",
        "spec.rules[0].subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'",
      ],
    ],
    [
      { rules: [{ subjects: [subject], resourceRules: [{ ...resourceRule, namespaces: [] }] }] },
      [
        'spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
      ],
    ],
    [
      { rules: [{ subjects: [subject], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/a*'] }] }] },
      [
        'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a*": wildcard can only do suffix matching',
      ],
    ],
  ])('%j', (spec, problems) => {
    expect(problemsOnCreate(flowSchema, schema(spec))).toEqual(problems);
  });

  it('of the mandatory ones is as it must be', () => {
    for (const [name, spec] of Object.entries(MANDATORY_FLOW_SCHEMAS)) {
      expect(problemsOnCreate(flowSchema, schema(structuredClone(spec), name))).toEqual([]);
      expect(problemsOnCreate(flowSchema, schema({ ...structuredClone(spec), rules: [] }, name)).at(-1)).toContain(
        `spec of '${name}' must equal the fixed value`,
      );
    }
  });

  it('prints what it lacks', () => {
    expect(cellsOf(flowSchema.columns, created(flowSchema, schema({}))).slice(1, 4)).toEqual(['p', 1000, '<none>']);
    expect(cellsOf(flowSchema.columns, created(flowSchema, schema({}))).at(-1)).toBe('?');
  });
});

describe('PriorityLevelConfiguration', () => {
  const level = (spec: object, name = 'a'): PriorityLevelConfiguration => ({ metadata: { name }, spec: spec as never });
  const queued = (queuing: object) => ({ type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing } } });

  it('has shares and queues by default', () => {
    expect(created(priorityLevelConfiguration, level(queued({}))).spec.limited).toEqual({
      nominalConcurrencyShares: 30,
      lendablePercent: 0,
      limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
    });
  });

  it.each<[object, string[]]>([
    [queued({}), []],
    [{ type: 'Limited' }, ['spec.limited: Required value: must not be empty when type is Limited']],
    [
      { type: 'Exempt' },
      ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"],
    ],
    [
      { type: 'Limited', limited: { limitResponse: { type: 'Reject' }, lendablePercent: 101 } },
      ['spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive'],
    ],
    [
      queued({ queues: 4, handSize: 5 }),
      ['spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (4)'],
    ],
    [
      queued({ queues: 10_000_000, handSize: 8 }),
      [
        'spec.limited.limitResponse.queuing.handSize: Invalid value: 8: required entropy bits of deckSize 10000000 and handSize 8 should not be greater than 60',
      ],
    ],
  ])('%j', (spec, problems) => {
    expect(problemsOnCreate(priorityLevelConfiguration, level(spec))).toEqual(problems);
  });

  it('of the mandatory ones lets only the shares of exempt be chosen', () => {
    const check = (name: string, change: object): string[] =>
      problemsOnCreate(
        priorityLevelConfiguration,
        level({ ...structuredClone(MANDATORY_PRIORITY_LEVELS[name]), ...change }, name),
      );
    expect(check('exempt', { exempt: { nominalConcurrencyShares: 9 } })).toEqual([]);
    expect(check('catch-all', {})).toEqual([]);
    expect(
      check('catch-all', { limited: { nominalConcurrencyShares: 9, limitResponse: { type: 'Reject' } } }),
    ).toHaveLength(1);
  });
});
