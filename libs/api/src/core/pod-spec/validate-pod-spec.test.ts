import { describe, expect, it } from 'vitest';
import type { Pod, PodSpec } from '@pilothouse/api';
import { examplePod, problemsOnCreate } from '../example-objects.ts';
import { pod } from '../pod/pod.ts';

const DNS_LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const problems = (change: (spec: PodSpec, pod: Pod) => void): string[] =>
  problemsOnCreate(
    pod,
    examplePod((each) => change(each.spec, each)),
  );

type Case = readonly [what: string, change: (spec: PodSpec, pod: Pod) => void, expected: readonly string[]];

const cases = (list: readonly Case[]): void => {
  it.each(list)('%s', (_, change, expected) => expect(problems(change)).toEqual(expected));
};

it('accepts the simplest pod', () => expect(problems(() => {})).toEqual([]));

describe('containers', () => {
  cases([
    ['none', (spec) => (spec.containers = []), ['spec.containers: Required value']],
    ['no image', (spec) => (spec.containers[0]!.image = ''), ['spec.containers[0].image: Required value']],
    [
      'blanks around an image',
      (spec) => (spec.containers[0]!.image = ' nginx '),
      ['spec.containers[0].image: Invalid value: " nginx ": must not have leading or trailing whitespace'],
    ],
    [
      'upper case in a name',
      (spec) => (spec.containers[0]!.name = 'App'),
      [`spec.containers[0].name: Invalid value: "App": ${DNS_LABEL}`],
    ],
    [
      'a name twice',
      (spec) => spec.containers.push({ name: 'app', image: 'a' }),
      ['spec.containers[1].name: Duplicate value: "app"'],
    ],
    [
      'an init container of the same name',
      (spec) => (spec.initContainers = [{ name: 'app', image: 'a' }]),
      ['spec.initContainers[0].name: Duplicate value: "app"'],
    ],
    [
      'a probe of an init container that is no sidecar',
      (spec) => (spec.initContainers = [{ name: 'init', image: 'a', livenessProbe: { exec: { command: ['x'] } } }]),
      [
        'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
      ],
    ],
    [
      'a probe of a sidecar',
      (spec) =>
        (spec.initContainers = [
          { name: 'side', image: 'a', restartPolicy: 'Always', livenessProbe: { exec: { command: ['x'] } } },
        ]),
      [],
    ],
    [
      'an unknown pull policy',
      (spec) => (spec.containers[0]!.imagePullPolicy = 'Sometimes'),
      [
        'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
      ],
    ],
    [
      'ephemeral containers on create',
      (spec) => (spec.ephemeralContainers = [{ name: 'debug', image: 'a' }]),
      ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
    ],
    [
      'restart rules without a policy',
      (spec) =>
        (spec.containers[0]!.restartPolicyRules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }]),
      ['spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used'],
    ],
  ]);
});

describe('ports', () => {
  cases([
    [
      'no number',
      (spec) => (spec.containers[0]!.ports = [{ containerPort: 0 }]),
      ['spec.containers[0].ports[0].containerPort: Required value'],
    ],
    [
      'a number too high',
      (spec) => (spec.containers[0]!.ports = [{ containerPort: 70000 }]),
      ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ],
    [
      'an unknown protocol',
      (spec) => (spec.containers[0]!.ports = [{ containerPort: 80, protocol: 'ICMP' }]),
      ['spec.containers[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
    ],
    [
      'a host port twice',
      (spec) => {
        spec.containers[0]!.ports = [{ containerPort: 80, hostPort: 8080 }];
        spec.containers.push({ name: 'b', image: 'a', ports: [{ containerPort: 81, hostPort: 8080 }] });
      },
      ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"'],
    ],
    [
      'another host port on the host network',
      (spec) => {
        spec.hostNetwork = true;
        spec.containers[0]!.ports = [{ containerPort: 80, hostPort: 81 }];
      },
      [
        'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
      ],
    ],
  ]);
});

describe('resources', () => {
  cases([
    [
      'a request above its limit',
      (spec) => (spec.containers[0]!.resources = { requests: { cpu: '2' }, limits: { cpu: '1' } }),
      ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ],
    [
      'the same amount in other words',
      (spec) => (spec.containers[0]!.resources = { requests: { memory: '1Gi' }, limits: { memory: '1024Mi' } }),
      [],
    ],
    [
      'a negative amount',
      (spec) => (spec.containers[0]!.resources = { requests: { cpu: '-1' } }),
      ['spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
    [
      'an unknown resource',
      (spec) => (spec.containers[0]!.resources = { requests: { gpu: '1' } }),
      [
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      ],
    ],
    [
      'a resource that only quotas have',
      (spec) => (spec.containers[0]!.resources = { requests: { pods: '1' } }),
      [
        'spec.containers[0].resources.requests[pods]: Invalid value: "pods": must be a standard resource for containers',
      ],
    ],
    [
      'part of a device',
      (spec) => (spec.containers[0]!.resources = { limits: { 'example.com/gpu': '500m' } }),
      [
        'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
        'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer',
      ],
    ],
    [
      'a device without a limit',
      (spec) => (spec.containers[0]!.resources = { requests: { 'example.com/gpu': '1' } }),
      ['spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources'],
    ],
    [
      'hugepages alone',
      (spec) => (spec.containers[0]!.resources = { limits: { 'hugepages-2Mi': '4Mi' } }),
      ['spec.containers[0].resources: Forbidden: HugePages require cpu or memory'],
    ],
    [
      'half a huge page',
      (spec) => (spec.containers[0]!.resources = { limits: { 'hugepages-2Mi': '1Mi', cpu: '1' } }),
      [
        'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "1Mi": 1Mi is not positive integer multiple of hugepages-2Mi',
        'spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "1Mi": 1Mi is not positive integer multiple of hugepages-2Mi',
      ],
    ],
    [
      'a claim that the pod does not have',
      (spec) => (spec.containers[0]!.resources = { claims: [{ name: 'gpu' }] }),
      [
        'spec.containers[0].resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty',
      ],
    ],
    [
      'a pod that asks for less than its containers',
      (spec) => {
        spec.resources = { requests: { cpu: '1' } };
        spec.containers[0]!.resources = { requests: { cpu: '2' } };
      },
      [
        'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
      ],
    ],
  ]);
});

describe('environment', () => {
  cases([
    [
      'two sources',
      (spec) =>
        (spec.containers[0]!.env = [
          {
            name: 'A',
            valueFrom: { configMapKeyRef: { name: 'c', key: 'k' }, secretKeyRef: { name: 's', key: 'k' } },
          },
        ]),
      ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time'],
    ],
    [
      'a value and a source',
      (spec) =>
        (spec.containers[0]!.env = [
          { name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ]),
      ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
    ],
    [
      'a field that is not offered here',
      (spec) => (spec.containers[0]!.env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }]),
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
      ],
    ],
    [
      'a field that does not exist',
      (spec) => (spec.containers[0]!.env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.foo' } } }]),
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo',
      ],
    ],
    [
      'one label',
      (spec) =>
        (spec.containers[0]!.env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }]),
      [],
    ],
    [
      'an equals sign in a name',
      (spec) => (spec.containers[0]!.env = [{ name: 'A=B', value: 'x' }]),
      [
        `spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '='`,
      ],
    ],
    [
      'nothing to take the environment from',
      (spec) => (spec.containers[0]!.envFrom = [{}]),
      ['spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'],
    ],
  ]);
});

describe('volumes', () => {
  cases([
    [
      'a mount of nothing',
      (spec) => (spec.containers[0]!.volumeMounts = [{ name: 'data', mountPath: '/data' }]),
      ['spec.containers[0].volumeMounts[0].name: Not found: "data"'],
    ],
    [
      'two sources',
      (spec) => (spec.volumes = [{ name: 'data', emptyDir: {}, hostPath: { path: '/x' } }]),
      ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'a name twice',
      (spec) => (spec.volumes = [{ name: 'data' }, { name: 'data' }]),
      ['spec.volumes[1].name: Duplicate value: "data"'],
    ],
    [
      'a way out of a host path',
      (spec) => (spec.volumes = [{ name: 'data', hostPath: { path: '/a/../b' } }]),
      [`spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
    ],
    [
      'one place for two volumes',
      (spec) => {
        spec.volumes = [{ name: 'a' }, { name: 'b' }];
        spec.containers[0]!.volumeMounts = [
          { name: 'a', mountPath: '/x' },
          { name: 'b', mountPath: '/x' },
        ];
      },
      ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/x": must be unique'],
    ],
    [
      'a block device that is a file system',
      (spec) => {
        spec.volumes = [{ name: 'a' }];
        spec.containers[0]!.volumeDevices = [{ name: 'a', devicePath: '/dev/a' }];
      },
      [
        'spec.containers[0].volumeDevices[0].name: Invalid value: "a": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      ],
    ],
    [
      'two sources projected to one file',
      (spec) =>
        (spec.volumes = [
          {
            name: 'all',
            projected: {
              sources: [
                { secret: { name: 's', items: [{ key: 'k', path: 'f' }] } },
                { configMap: { name: 'c', items: [{ key: 'k', path: 'f' }] } },
              ],
            },
          },
        ]),
      ['spec.volumes[0].projected: Invalid value: "c": conflicting duplicate paths'],
    ],
    [
      'a token that is too short-lived, of no account',
      (spec) =>
        (spec.volumes = [
          { name: 't', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 5 } }] } },
        ]),
      [
        'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
        'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
      ],
    ],
    [
      'a claim that the pod itself makes',
      (spec) =>
        (spec.volumes = [
          {
            name: 'own',
            ephemeral: {
              volumeClaimTemplate: {
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            },
          },
          { name: 'claim', persistentVolumeClaim: { claimName: 'web-own' } },
        ]),
      [
        'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "web-own": must not reference a PVC that gets created for an ephemeral volume',
      ],
    ],
    [
      'a claim template without size or mode',
      (spec) => (spec.volumes = [{ name: 'own', ephemeral: { volumeClaimTemplate: { spec: {} } } }]),
      [
        'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required',
        'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
      ],
    ],
    [
      'propagation to the host from a container without privileges',
      (spec) => {
        spec.volumes = [{ name: 'a' }];
        spec.containers[0]!.volumeMounts = [{ name: 'a', mountPath: '/x', mountPropagation: 'Bidirectional' }];
      },
      [
        'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
      ],
    ],
  ]);
});

describe('probes and lifecycle', () => {
  cases([
    [
      'no handler',
      (spec) => (spec.containers[0]!.readinessProbe = {}),
      ['spec.containers[0].readinessProbe: Required value: must specify a handler type'],
    ],
    [
      'two handlers',
      (spec) => (spec.containers[0]!.readinessProbe = { exec: { command: ['x'] }, tcpSocket: { port: 80 } }),
      ['spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type'],
    ],
    [
      'a liveness probe that must succeed twice',
      (spec) => (spec.containers[0]!.livenessProbe = { exec: { command: ['x'] }, successThreshold: 2 }),
      ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1'],
    ],
    [
      'a sleep longer than the grace period',
      (spec) => (spec.containers[0]!.lifecycle = { preStop: { sleep: { seconds: 60 } } }),
      [
        'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)',
      ],
    ],
  ]);
});

describe('scheduling', () => {
  cases([
    [
      'a toleration of everything that is not Exists',
      (spec) => (spec.tolerations = [{ operator: 'Equal' }]),
      [
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means \\"match all values and all keys\\"'.replaceAll(
          '\\"',
          '"',
        ),
      ],
    ],
    [
      'tolerationSeconds of another effect',
      (spec) => (spec.tolerations = [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 }]),
      [
        `spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be 'NoExecute' when \`tolerationSeconds\` is set`,
      ],
    ],
    [
      'required node affinity without terms',
      (spec) =>
        (spec.affinity = {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
        }),
      [
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
      ],
    ],
    [
      'a weight of nothing',
      (spec) =>
        (spec.affinity = {
          podAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 0, podAffinityTerm: { topologyKey: 'zone', labelSelector: {} } },
            ],
          },
        }),
      [
        'spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
      ],
    ],
    [
      'one constraint twice',
      (spec) => {
        const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} };
        spec.topologySpreadConstraints = [constraint, { ...constraint }];
      },
      ['spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"'],
    ],
    [
      'a skew of nothing',
      (spec) =>
        (spec.topologySpreadConstraints = [
          { maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
        ]),
      ['spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero'],
    ],
    [
      'a node before the gates are open',
      (spec) => {
        spec.nodeName = 'node-1';
        spec.schedulingGates = [{ name: 'example.com/gate' }];
      },
      ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
    ],
  ]);
});

describe('security', () => {
  cases([
    [
      'privileged without escalation',
      (spec) => (spec.containers[0]!.securityContext = { privileged: true, allowPrivilegeEscalation: false }),
      [
        'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
      ],
    ],
    [
      'a user that cannot be',
      (spec) => (spec.containers[0]!.securityContext = { runAsUser: -1 }),
      ['spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
    ],
    [
      'a local seccomp profile without its path',
      (spec) => (spec.securityContext = { seccompProfile: { type: 'Localhost' } }),
      [
        'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
      ],
    ],
    [
      'a network parameter of the host',
      (spec) => {
        spec.hostNetwork = true;
        spec.securityContext = { sysctls: [{ name: 'net.ipv4.ip_forward', value: '1' }] };
      },
      [
        `spec.securityContext.sysctls[0].name: Invalid value: "net.ipv4.ip_forward": may not be specified when 'hostNetwork' is true`,
      ],
    ],
    [
      'Linux settings on Windows',
      (spec) => {
        spec.os = { name: 'windows' };
        spec.containers[0]!.securityContext = { privileged: true };
      },
      ['spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod'],
    ],
    [
      'user namespaces beside host namespaces',
      (spec) => {
        spec.hostUsers = false;
        spec.hostPID = true;
      },
      ['spec.HostPID: Forbidden: when `hostUsers` is false'],
    ],
  ]);
});

describe('the rest', () => {
  cases([
    [
      'an unknown restart policy',
      (spec) => (spec.restartPolicy = 'Maybe'),
      ['spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"'],
    ],
    [
      'no name servers though the policy wants them',
      (spec) => (spec.dnsPolicy = 'None'),
      ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    ],
    [
      'a host alias that is no address',
      (spec) => (spec.hostAliases = [{ ip: 'here', hostnames: ['a'] }]),
      ['spec.hostAliases[0].ip: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ],
    [
      'a deadline of nothing',
      (spec) => (spec.activeDeadlineSeconds = 0),
      ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
    ],
    [
      'a deletion cost that is no number',
      (_, each) => (each.metadata.annotations = { 'controller.kubernetes.io/pod-deletion-cost': 'much' }),
      [
        'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "much": must be a 32bit integer',
      ],
    ],
    [
      'an AppArmor annotation of no container',
      (_, each) =>
        (each.metadata.annotations = { 'container.apparmor.security.beta.kubernetes.io/other': 'runtime/default' }),
      [
        'metadata.annotations[container.apparmor.security.beta.kubernetes.io/other]: Invalid value: "other": container not found',
      ],
    ],
  ]);
});
