import { describe, expect, it } from 'vitest';
import type { Pod } from '@pilothouse/api';
import { CONTEXT, created, examplePod, problemsOnUpdate } from '../example-objects.ts';
import { pod } from './pod.ts';

const running = (change: (each: Pod) => void = () => {}): Pod =>
  created(
    pod,
    examplePod((each) => {
      each.spec.nodeName = 'node-1';
      change(each);
    }),
  );

const ONLY_FIELDS =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n';

describe('a new pod', () => {
  it('is pending, whatever its author says', () => {
    const each = created(
      pod,
      examplePod((draft) => (draft.status = { phase: 'Running', podIP: '10.0.0.1' })),
    );
    expect(each.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
  });

  it('says that it waits for its gates', () => {
    const each = created(
      pod,
      examplePod((draft) => (draft.spec.schedulingGates = [{ name: 'example.com/gate' }])),
    );
    expect(each.status?.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' },
    ]);
  });

  it('writes its own labels into selectors that match by label key', () => {
    const each = created(
      pod,
      examplePod((draft) => {
        draft.metadata.labels = { revision: '7', team: 'blue' };
        draft.spec.affinity = {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              {
                topologyKey: 'zone',
                labelSelector: { matchLabels: { app: 'web' } },
                matchLabelKeys: ['revision', 'absent'],
                mismatchLabelKeys: ['team'],
              },
            ],
          },
        };
      }),
    );
    const [term] = each.spec.affinity!.podAntiAffinity!.requiredDuringSchedulingIgnoredDuringExecution!;
    expect(term!.labelSelector!.matchExpressions).toEqual([
      { key: 'revision', operator: 'In', values: ['7'] },
      { key: 'team', operator: 'NotIn', values: ['blue'] },
    ]);
    expect(pod.strategy!.validate!(each, CONTEXT)).toEqual([]);
  });

  it('moves the AppArmor annotation into the field', () => {
    const annotation = { 'container.apparmor.security.beta.kubernetes.io/app': 'localhost/strict' };
    const each = created(
      pod,
      examplePod((draft) => (draft.metadata.annotations = annotation)),
    );
    const profile = { type: 'Localhost', localhostProfile: 'strict' };
    expect(each.spec.containers[0]!.securityContext!.appArmorProfile).toEqual(profile);
  });
});

describe('a pod that runs', () => {
  it.each<[string, (each: Pod) => void]>([
    ['another image', (each) => (each.spec.containers[0]!.image = 'nginx:1.28')],
    ['a deadline', (each) => (each.spec.activeDeadlineSeconds = 60)],
    ['one more toleration', (each) => (each.spec.tolerations = [{ key: 'a', operator: 'Exists' }])],
    ['labels', (each) => (each.metadata.labels = { a: 'b' })],
  ])('may get %s', (_, change) => expect(problemsOnUpdate(pod, running(), change)).toEqual([]));

  it('may not get anything else, and says what was tried', () => {
    const [problem, ...others] = problemsOnUpdate(pod, running(), (each) => (each.spec.hostname = 'other'));
    expect(others).toEqual([]);
    expect(problem).toContain(ONLY_FIELDS);
    expect(problem).toContain('+  "hostname": "other"');
  });

  it('keeps its containers', () => {
    const add = (each: Pod): unknown => each.spec.containers.push({ name: 'b', image: 'b' });
    expect(problemsOnUpdate(pod, running(), add)).toEqual([
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ]);
  });

  it('keeps its status on the main resource', () => {
    const next = running((each) => (each.status = { phase: 'Failed' }));
    const old = running();
    pod.strategy!.prepareForUpdate!(next, old, CONTEXT);
    expect(next.status).toEqual(old.status);
  });

  it('cannot have its deadline moved back or taken away', () => {
    const old = running((each) => (each.spec.activeDeadlineSeconds = 60));
    expect(problemsOnUpdate(pod, old, (each) => (each.spec.activeDeadlineSeconds = 61))).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: 61: must be less than or equal to previous value',
    ]);
    expect(problemsOnUpdate(pod, old, (each) => delete each.spec.activeDeadlineSeconds)).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
    ]);
  });

  it('keeps its tolerations, except for how long they last', () => {
    const old = running((each) => {
      each.spec.tolerations = [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }];
    });
    expect(problemsOnUpdate(pod, old, (each) => (each.spec.tolerations![0]!.tolerationSeconds = 9))).toEqual([]);
    expect(problemsOnUpdate(pod, old, (each) => (each.spec.tolerations = []))).toEqual([
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ]);
  });
});

describe('a gated pod', () => {
  const gated = created(
    pod,
    examplePod((each) => {
      each.spec.schedulingGates = [{ name: 'example.com/a' }, { name: 'example.com/b' }];
      each.spec.nodeSelector = { disk: 'ssd' };
    }),
  );

  it('may lose gates and choose its nodes more narrowly', () => {
    const narrow = (each: Pod): void => {
      each.spec.schedulingGates!.pop();
      each.spec.nodeSelector!.zone = 'a';
      each.spec.affinity = {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
          },
        },
      };
    };
    expect(problemsOnUpdate(pod, gated, narrow)).toEqual([]);
  });

  it('may not get gates, nor choose more widely', () => {
    expect(problemsOnUpdate(pod, gated, (each) => each.spec.schedulingGates!.push({ name: 'example.com/c' }))).toEqual([
      `spec.schedulingGates[2].name: Forbidden: only deletion is allowed, but found new scheduling gate 'example.com/c'`,
    ]);
    expect(problemsOnUpdate(pod, gated, (each) => (each.spec.nodeSelector = {}))).toEqual([
      'spec.nodeSelector: Invalid value: {}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ]);
  });
});

describe('pods/status', () => {
  const finished = running((each) => (each.spec.restartPolicy = 'Never'));
  finished.status = {
    phase: 'Running',
    qosClass: 'BestEffort',
    observedGeneration: 3,
    containerStatuses: [
      { name: 'app', image: 'a', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode: 0 } } },
    ],
  };

  it('takes the status and leaves the spec', () => {
    const next = structuredClone(finished);
    next.spec.containers[0]!.image = 'other';
    next.status = { phase: 'Succeeded' };
    pod.subresources!.status!.strategy!.prepareForUpdate!(next, finished, CONTEXT);
    expect(next.spec).toEqual(finished.spec);
    expect(next.status).toEqual({ phase: 'Succeeded', qosClass: 'BestEffort', observedGeneration: 3 });
  });

  it('does not bring an ended container back to life', () => {
    const revive = (each: Pod): void => {
      each.status!.containerStatuses![0]!.state = { running: {} };
    };
    expect(problemsOnUpdate(pod, finished, revive, 'status')).toEqual([
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    ]);
    const restarting = structuredClone(finished);
    restarting.spec.restartPolicy = 'Always';
    expect(problemsOnUpdate(pod, restarting, revive, 'status')).toEqual([]);
  });

  it('has addresses of different families', () => {
    const change = (ips: string[]) => (each: Pod) => (each.status!.podIPs = ips.map((ip) => ({ ip })));
    expect(problemsOnUpdate(pod, finished, change(['10.0.0.1', 'fd00::1']), 'status')).toEqual([]);
    expect(problemsOnUpdate(pod, finished, change(['10.0.0.1', '10.0.0.2']), 'status')).toEqual([
      'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ]);
  });

  it('keeps the quality of service class', () => {
    expect(problemsOnUpdate(pod, finished, (each) => (each.status!.qosClass = 'Guaranteed'), 'status')).toEqual([
      'status.qosClass: Invalid value: "Guaranteed": field is immutable',
    ]);
  });
});

describe('pods/ephemeralcontainers', () => {
  const old = running((each) => (each.spec.ephemeralContainers = [{ name: 'debug', image: 'busybox' }]));

  it('adds containers and nothing else', () => {
    const change = (each: Pod): void => {
      each.spec.ephemeralContainers!.push({ name: 'more', image: 'busybox', targetContainerName: 'app' });
      each.spec.hostname = 'ignored';
      each.metadata.labels = { ignored: 'yes' };
    };
    expect(problemsOnUpdate(pod, old, change, 'ephemeralcontainers')).toEqual([]);
    const next = structuredClone(old);
    change(next);
    pod.subresources!.ephemeralcontainers!.strategy!.prepareForUpdate!(next, old, CONTEXT);
    expect(next.spec.ephemeralContainers).toHaveLength(2);
    expect(next.spec.hostname).toBeUndefined();
    expect(next.metadata.labels).toBeUndefined();
  });

  it('does not remove them', () => {
    const remove = (each: Pod): unknown => delete each.spec.ephemeralContainers;
    expect(problemsOnUpdate(pod, old, remove, 'ephemeralcontainers')).toEqual([
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n',
    ]);
  });

  it('refuses what a workload could come to depend on', () => {
    const change = (each: Pod): unknown =>
      each.spec.ephemeralContainers!.push({ name: 'more', image: 'a', ports: [{ containerPort: 80 }] });
    expect(problemsOnUpdate(pod, old, change, 'ephemeralcontainers')).toEqual([
      'spec.ephemeralContainers[1].ports: Forbidden: cannot be set for an Ephemeral Container',
    ]);
  });
});

describe('pods/resize', () => {
  const old = running((each) => {
    each.spec.containers[0]!.resources = { requests: { cpu: '100m' }, limits: { cpu: '200m', memory: '1Gi' } };
  });
  const resources = (each: Pod) => each.spec.containers[0]!.resources!;

  it('changes CPU and memory', () => {
    expect(problemsOnUpdate(pod, old, (each) => (resources(each).requests!.cpu = '150m'), 'resize')).toEqual([]);
    const next = structuredClone(old);
    resources(next).requests!.cpu = '150m';
    next.spec.containers[0]!.image = 'ignored';
    pod.subresources!.resize!.strategy!.prepareForUpdate!(next, old, CONTEXT);
    expect(next.spec.containers[0]).toMatchObject({ image: 'nginx:1.27', resources: { requests: { cpu: '150m' } } });
  });

  it.each<[string, (each: Pod) => void, string]>([
    [
      'removes a limit',
      (each) => delete resources(each).limits!.cpu,
      'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
    ],
    [
      'touches another resource',
      (each) => {
        resources(each).requests!['ephemeral-storage'] = '1Gi';
      },
      'spec: Forbidden: only cpu and memory resources are mutable',
    ],
    [
      'changes the quality of service',
      (each) => (resources(each).requests!.cpu = '200m'),
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    ],
    [
      'renames a container',
      (each) => (each.spec.containers[0]!.name = 'other'),
      'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
    ],
  ])('never %s', (_, change, problem) => expect(problemsOnUpdate(pod, old, change, 'resize')).toEqual([problem]));
});

describe('deleting', () => {
  const grace = pod.strategy!.gracePeriodSeconds!;

  it.each<[string, Pod, number | undefined, number]>([
    ['waits as long as the pod says', running(), undefined, 30],
    ['waits as long as the client says', running(), 5, 5],
    ['does not wait for a pod without a node', created(pod, examplePod()), 5, 0],
    ['waits a second when told less than nothing', running(), -1, 1],
  ])('%s', (_, each, requested, seconds) => expect(grace(each, requested)).toBe(seconds));

  it('does not wait for a pod that has ended', () => {
    const ended = running();
    ended.status = { phase: 'Succeeded' };
    expect(grace(ended, 30)).toBe(0);
  });
});

describe('warnings', () => {
  const warnings = (change: (each: Pod) => void): string[] =>
    pod.strategy!.warnings!(created(pod, examplePod(change)), undefined, CONTEXT);

  it.each<[string, (each: Pod) => void, string[]]>([
    ['nothing to say', () => {}, []],
    [
      'a name that is no host name',
      (each) => (each.metadata.name = 'a.b'),
      [
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
      ],
    ],
    [
      'a variable that hides another',
      (each) =>
        (each.spec.containers[0]!.env = [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
          { name: 'B', value: '1' },
          { name: 'B', value: '$(B)2' },
        ]),
      ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    ],
    [
      'part of a byte',
      (each) => (each.spec.containers[0]!.resources = { requests: { memory: '100m' } }),
      ['spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer'],
    ],
    [
      'an old node label',
      (each) => (each.spec.nodeSelector = { 'beta.kubernetes.io/os': 'linux' }),
      ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    ],
    [
      'a port twice',
      (each) => (each.spec.containers[0]!.ports = [{ containerPort: 80 }, { containerPort: 80 }]),
      ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]'],
    ],
    [
      'a negative grace period',
      (each) => (each.spec.terminationGracePeriodSeconds = -1),
      ['spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'],
    ],
    [
      'a volume plugin that is gone',
      (each) => (each.spec.volumes = [{ name: 'a', glusterfs: { endpoints: 'e', path: 'p' } }]),
      ['spec.volumes[0].glusterfs: deprecated in v1.25, non-functional in v1.26+'],
    ],
    [
      'a port name twice',
      (each) =>
        (each.spec.containers[0]!.ports = [
          { containerPort: 80, name: 'a' },
          { containerPort: 81, name: 'a', hostIP: '10.0.0.1' },
        ]),
      [
        'spec.containers[0].ports[1]: hostIP set without hostPort: {Name:a HostPort:0 ContainerPort:81 Protocol:TCP HostIP:10.0.0.1}',
        'spec.containers[0].ports[1]: duplicate port name "a" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
      ],
    ],
    [
      'a preference that no label can meet',
      (each) =>
        (each.spec.affinity = {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['-1'] }] } },
            ],
          },
        }),
      [
        "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values[0]: -1 is invalid, a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      ],
    ],
    [
      'files that are in the way',
      (each) =>
        (each.spec.volumes = [
          {
            name: 'foo',
            projected: {
              sources: [
                { configMap: { name: 'Test', items: [{ key: 'a', path: 'test' }] } },
                { serviceAccountToken: { path: 'test/file' } },
                {},
              ],
            },
          },
          {
            name: 'bar',
            secret: {
              secretName: 's',
              items: [
                { key: 'a', path: 'x/' },
                { key: 'b', path: 'x' },
              ],
            },
          },
        ]),
      [
        'volume "foo" (Projected) has no sources provided',
        'volume "foo" (Projected): overlapping paths: "test/file" (ServiceAccountToken) with "test" (ConfigMap "Test")',
        'volume "bar" (Secret "s"): overlapping paths: "x" with "x"',
      ],
    ],
    [
      'addresses written oddly',
      (each) => {
        each.spec.dnsConfig = { nameservers: ['1.2.3.4', '05.06.07.08'] };
        each.spec.hostAliases = [{ ip: '::ffff:1.2.3.4' }];
      },
      [
        'spec.dnsConfig.nameservers[1]: non-standard IP address "05.06.07.08" will be considered invalid in a future Kubernetes release: use "5.6.7.8"',
        'spec.hostAliases[0].ip: non-standard IP address "::ffff:1.2.3.4" will be considered invalid in a future Kubernetes release: use "1.2.3.4"',
      ],
    ],
  ])('%s', (_, change, expected) => expect(warnings(change)).toEqual(expected));

  it('are not repeated on updates', () => {
    const each = created(
      pod,
      examplePod((draft) => (draft.metadata.name = 'a.b')),
    );
    expect(pod.strategy!.warnings!(each, each, CONTEXT)).toEqual([]);
  });
});

it('can be selected by the node it is on', () => {
  const fields = pod.strategy!.selectableFields!;
  expect(fields['spec.nodeName']!(running())).toBe('node-1');
  expect(fields['spec.host']!(running())).toBe('node-1');
  expect(fields['spec.hostNetwork']!(running())).toBe('false');
});
