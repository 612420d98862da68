import { describe, expect, it } from 'vitest';
import type { ContainerStatus, Pod } from '@pilothouse/api';
import { examplePod, NOW } from '../example-objects.ts';
import { podColumns } from './pod-columns.ts';
import { summarizePod } from './summarize-pod.ts';

const status = (name: string, change: Partial<ContainerStatus>): ContainerStatus => ({
  name,
  image: 'a',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...change,
});

const up = { ready: true, state: { running: {} } };

function summary(change: (pod: Pod) => void): string {
  const { ready, status: text, restarts } = summarizePod(examplePod(change), NOW);
  return `${ready} ${text} ${restarts}`;
}

/** A pod with the statuses of its containers, which are made up to match. */
const pod =
  (phase: string, containers: ContainerStatus[], initContainers: ContainerStatus[] = []) =>
  (each: Pod) => {
    each.spec.containers = containers.length > 0 ? containers.map(({ name }) => ({ name })) : each.spec.containers;
    each.spec.initContainers = initContainers.map(({ name }) => ({ name }));
    each.status = { phase, containerStatuses: containers, initContainerStatuses: initContainers };
  };

describe('kubectl get pods shows', () => {
  it.each<[string, (each: Pod) => void, string]>([
    ['a pod nobody has looked at', pod('Pending', []), '0/1 Pending 0'],
    ['a pod that runs', pod('Running', [status('a', up), status('b', up)]), '2/2 Running 0'],
    [
      'a pod being set up',
      pod('Pending', [status('a', { state: { waiting: { reason: 'ContainerCreating' } } })]),
      '0/1 ContainerCreating 0',
    ],
    [
      'a container that crashes again and again',
      pod('Running', [
        status('a', {
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, finishedAt: '2026-05-01T11:55:00Z' } },
        }),
      ]),
      '0/1 CrashLoopBackOff 3 (5m ago)',
    ],
    [
      'the first of several troubles',
      pod('Running', [
        status('a', { state: { waiting: { reason: 'ErrImagePull' } } }),
        status('b', { state: { waiting: { reason: 'CrashLoopBackOff' } } }),
      ]),
      '0/2 ErrImagePull 0',
    ],
    [
      'a job that is done',
      pod('Succeeded', [status('a', { state: { terminated: { exitCode: 0, reason: 'Completed' } } })]),
      '0/1 Completed 0',
    ],
    [
      'one container done, the other running',
      pod('Running', [status('a', { state: { terminated: { exitCode: 0, reason: 'Completed' } } }), status('b', up)]),
      '1/2 NotReady 0',
    ],
    [
      'a failure behind a container that is done',
      pod('Running', [
        status('a', { state: { terminated: { exitCode: 0, reason: 'Completed' } } }),
        status('b', { state: { terminated: { exitCode: 1, reason: 'Error' } } }),
      ]),
      '0/2 Error 0',
    ],
    [
      'an exit without a reason',
      pod('Failed', [status('a', { state: { terminated: { exitCode: 137 } } })]),
      '0/1 ExitCode:137 0',
    ],
    [
      'a signal without a reason',
      pod('Failed', [status('a', { state: { terminated: { exitCode: 137, signal: 9 } } })]),
      '0/1 Signal:9 0',
    ],
    [
      'how far initialisation is',
      pod(
        'Pending',
        [status('a', { state: { waiting: { reason: 'PodInitializing' } } })],
        [status('i', { state: { terminated: { exitCode: 0 } } }), status('j', { state: { running: {} } })],
      ),
      '0/1 Init:1/2 0',
    ],
    [
      'an init container that failed',
      pod('Pending', [], [status('i', { restartCount: 2, state: { terminated: { exitCode: 1, reason: 'Error' } } })]),
      '0/1 Init:Error 2',
    ],
  ])('%s', (_, change, text) => expect(summary(change)).toBe(text));

  it('a sidecar among the containers', () => {
    const text = summary((each) => {
      pod('Running', [status('a', up)], [status('s', { ...up, started: true, restartCount: 1 })])(each);
      each.spec.initContainers![0]!.restartPolicy = 'Always';
    });
    expect(text).toBe('2/2 Running 1');
  });

  it('a pod that waits at its gates', () => {
    const text = summary((each) => {
      each.status = {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      };
    });
    expect(text).toBe('0/1 SchedulingGated 0');
  });

  it('a pod being deleted, but not one that has ended', () => {
    const deleted = (phase: string) => (each: Pod) => {
      pod(phase, [status('a', up)])(each);
      each.metadata.deletionTimestamp = '2026-05-01T11:59:00Z';
    };
    expect(summary(deleted('Running'))).toBe('1/1 Terminating 0');
    expect(summary(deleted('Succeeded'))).toBe('1/1 Succeeded 0');
  });
});

it('has the columns of upstream, in order', () => {
  const each = examplePod(pod('Running', [status('app', up)]));
  each.metadata.creationTimestamp = '2026-05-01T11:58:30Z';
  each.status!.podIPs = [{ ip: '10.1.0.4' }];
  each.spec.nodeName = 'node-1';
  expect(podColumns.map((column) => [column.name, column.priority, column.cell(each, NOW)])).toEqual([
    ['Name', 0, 'web'],
    ['Ready', 0, '1/1'],
    ['Status', 0, 'Running'],
    ['Restarts', 0, '0'],
    ['Age', 0, '90s'],
    ['IP', 1, '10.1.0.4'],
    ['Node', 1, 'node-1'],
    ['Nominated Node', 1, '<none>'],
    ['Readiness Gates', 1, '<none>'],
  ]);
});
