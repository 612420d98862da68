import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { formatDuration, parseDurationMs } from './duration.ts';
import { STAGES } from './index.ts';
import { parseStages } from './parse-stages.ts';
import { selectStage, stageDelayMs } from './select-stage.ts';
import type { StageSubject } from './select-stage.ts';

const NOT_STAGES = ['duration', 'index', 'parse-stages', 'select-stage', 'stage', 'stage-player'];

describe('the list of stages', () => {
  test('has every stage of the folder, under the name of its file', () => {
    const files = readdirSync(import.meta.dirname)
      .filter((file) => !file.endsWith('.test.ts'))
      .map((file) => file.replace(/\.ts$/, ''))
      .filter((name) => !NOT_STAGES.includes(name));
    expect(STAGES.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  test('would be accepted as a stage file', () => {
    const documents = STAGES.map(({ name, ...spec }) =>
      JSON.stringify({ apiVersion: 'kubelet.pilothouse.dev/v1alpha1', kind: 'Stage', metadata: { name }, spec }),
    );
    expect(parseStages(documents.join('\n---\n'))).toEqual(STAGES);
  });
});

describe('selection', () => {
  const subject = (facts: Record<string, string>): StageSubject => ({
    subjectKind: 'container',
    state: 'running',
    labels: { app: 'db' },
    annotations: {},
    fact: (name) => facts[name],
  });
  const running = { 'process.state': 'service', 'container.kind': 'regular' };

  test.each([
    [{ ...running, 'process.state': 'ended' }, 'command-ends'],
    [{ ...running, 'container.kind': 'init' }, 'init-container-completes'],
    [{ ...running, 'pod.owner': 'Job' }, 'job-container-completes'],
    [{ ...running, 'pod.owner': 'ReplicaSet' }, undefined],
    [{ ...running, 'annotation.oom-kill': 'true', 'annotation.exit-code': '1' }, 'container-oom-killed'],
    [{ ...running, 'annotation.exit-code': '1', 'container.exitsSpent': 'true' }, undefined],
  ])('%j plays %s', (facts, expected) => {
    expect(selectStage(STAGES, subject(facts))?.name).toBe(expected);
  });

  test('asks for all labels, annotations and expressions', () => {
    const stage = (selector: object) => [
      { name: 's', for: 'container', selector: { state: 'running', ...selector } } as const,
    ];
    const matches = (selector: object, facts = {}) =>
      selectStage(stage(selector) as never, subject(facts)) !== undefined;
    expect(matches({ matchLabels: { app: 'db' } })).toBe(true);
    expect(matches({ matchLabels: { app: 'db', tier: 'x' } })).toBe(false);
    expect(matches({ matchAnnotations: { a: 'b' } })).toBe(false);
    expect(
      matches(
        { matchExpressions: [{ key: 'container.attempt', operator: 'Lt', values: ['3'] }] },
        { 'container.attempt': '2' },
      ),
    ).toBe(true);
    expect(matches({ matchExpressions: [{ key: 'container.attempt', operator: 'Gt', values: ['3'] }] }, {})).toBe(
      false,
    );
    expect(matches({ matchExpressions: [{ key: 'pod.owner', operator: 'NotIn', values: ['Job'] }] }, {})).toBe(true);
  });

  test('takes the delay from a fact where it has one, and adds the jitter', () => {
    const fact = (name: string) => ({ a: '2s' })[name];
    expect(stageDelayMs({ durationFrom: 'a', duration: '1s', jitter: '10s' }, fact, 0.5)).toBe(7000);
    expect(stageDelayMs({ durationFrom: 'b', duration: '1s' }, fact, 0.5)).toBe(1000);
    expect(stageDelayMs(undefined, fact, 0.5)).toBe(0);
  });
});

describe('a stage file', () => {
  const stage = (
    spec: string,
    head = 'apiVersion: kubelet.pilothouse.dev/v1alpha1\nkind: Stage\nmetadata: {name: s}\n',
  ) => `${head}spec: ${spec}`;

  test.each([
    [
      stage('{for: pod, selector: {state: running}}'),
      'spec.for: Unsupported value: "pod": supported values: "sandbox", "image", "container", "probe"',
    ],
    [stage('{for: container, selector: {state: ready}}'), 'spec.selector.state: Unsupported value: "ready"'],
    [stage('{for: container}'), 'spec.selector: Required value'],
    [
      stage('{for: container, selector: {state: running, matchExpressions: [{key: pod.colour, operator: In}]}}'),
      'spec.selector.matchExpressions[0].key: Unsupported value: "pod.colour"',
    ],
    [
      stage('{for: container, selector: {state: running}, delay: {duration: soon}}'),
      'spec.delay.duration: Invalid value: "soon"',
    ],
    [
      stage('{for: container, selector: {state: running}, next: {state: exited, exitCode: 300}}'),
      'spec.next.exitCode: Invalid value: 300',
    ],
    [stage('{for: container, selector: {state: running}, then: {}}'), 'spec.then: unknown field'],
    ['kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {}', 'kind: Unsupported value: "Pod"'],
    ['{', 'document 1'],
    ['- 1', 'document 1: <root>: Invalid value: must be an object'],
  ])('that is wrong is refused with the place: %#', (text, message) => {
    expect(() => parseStages(text, 'my.yaml')).toThrow(message);
  });

  test('is played before the built-in stages', async () => {
    const stages = parseStages(`
apiVersion: kubelet.pilothouse.dev/v1alpha1
kind: Stage
metadata: {name: database-is-slow-to-recover}
spec:
  for: container
  selector:
    state: created
    matchLabels: {app: database}
    matchExpressions: [{key: container.attempt, operator: Gt, values: ["0"]}]
  delay: {duration: 20s}
  next:
    state: running
    log: 'recovered {container.name} of {pod.name}'
    event: {type: Warning, reason: Recovered, message: 'Recovery of {pod.name} took its time'}
`);
    cluster = await new FakeCluster({ stages }).start();
    cluster.createPod(
      'db',
      {},
      {
        labels: { app: 'database' },
        annotations: { 'pilothouse.dev/exit-code': '1', 'pilothouse.dev/exit-times': '1' },
      },
    );
    await cluster.clock.run(5000);
    expect(cluster.ready('db')).toBe(false);
    await cluster.clock.run(20_000);
    expect(cluster.ready('db')).toBe(true);
    expect(cluster.events('db')).toContain('Recovered: Recovery of db took its time');
    const worker = cluster.kubelet.podManager.find('default', 'db')!;
    expect(cluster.kubelet.runtime.container(worker.uid, 'main')!.log.lines()[0]!.text).toBe('recovered main of db');
  });

  test('whose stages go round without a delay does not hang the process', async () => {
    const stages = parseStages(`
apiVersion: kubelet.pilothouse.dev/v1alpha1
kind: Stage
metadata: {name: up}
spec: {for: probe, selector: {state: ready}, next: {state: failing}}
---
apiVersion: kubelet.pilothouse.dev/v1alpha1
kind: Stage
metadata: {name: down}
spec: {for: probe, selector: {state: failing}, delay: {duration: 1s}, next: {state: ready}}
`);
    cluster = await new FakeCluster({ stages }).start();
    cluster.createPod('flapping');
    await cluster.clock.run(3000);
    expect(cluster.state('flapping')).toBe('Running');
  });
});

let cluster: FakeCluster | undefined;
afterEach(() => cluster?.stop());

test('durations are read as Go writes them, and printed so', () => {
  expect(['1m30s', '500ms', '2', '1.5h', '0'].map(parseDurationMs)).toEqual([90_000, 500, 2000, 5_400_000, 0]);
  expect(['', 'soon', '1x', '-1s', '5 s'].map(parseDurationMs)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect([12.4, 1204, 80_000, 300_000, 3_600_000].map(formatDuration)).toEqual([
    '12ms',
    '1.204s',
    '1m20s',
    '5m0s',
    '1h0m0s',
  ]);
});
