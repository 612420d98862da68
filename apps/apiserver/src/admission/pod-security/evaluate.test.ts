import { describe, expect, it } from 'vitest';
import type { Pod, PodSpec } from '@pilothouse/api';
import { describeViolations, violationsOf } from './evaluate.ts';
import { policyOf, validatePolicyLabels, type Level } from './policy.ts';

const pod = (container: object = {}, spec: object = {}): PodSpec =>
  ({ containers: [{ name: 'a', image: 'i', ...container }], ...spec }) as PodSpec;

const violations = (level: Level, spec: PodSpec): string | undefined => {
  const policy = { level, version: 'latest' };
  const found = violationsOf({ metadata: {}, spec } as Pod, policy);
  return found.length === 0
    ? undefined
    : describeViolations(policy, found).replace(`PodSecurity "${level}:latest": `, '');
};

const hardened = {
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

describe('the restricted standard', () => {
  it('names all that a plain pod leaves out, in upstream’s order', () => {
    expect(violations('restricted', pod())).toBe(
      'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
  });

  it('lets a hardened pod pass', () => {
    expect(violations('restricted', pod(hardened))).toBeUndefined();
  });

  it('lets the pod speak for containers that say nothing', () => {
    const { allowPrivilegeEscalation, capabilities, runAsNonRoot, seccompProfile } = hardened.securityContext;
    const spec = pod(
      { securityContext: { allowPrivilegeEscalation, capabilities } },
      { securityContext: { runAsNonRoot, seccompProfile } },
    );
    expect(violations('restricted', spec)).toBeUndefined();
  });

  it('takes the place of the baseline checks that it contains', () => {
    const spec = pod(
      { securityContext: { ...hardened.securityContext, capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } } },
      {
        volumes: [{ name: 'v', hostPath: { path: '/' } }],
      },
    );
    expect(violations('restricted', spec)).toBe(
      'unrestricted capabilities (container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add), ' +
        'restricted volume types (volume "v" uses restricted volume type "hostPath")',
    );
  });
});

describe('the baseline standard', () => {
  it.each<[string, PodSpec, string]>([
    [
      'host namespaces',
      pod({}, { hostNetwork: true, hostPID: true }),
      'host namespaces (hostNetwork=true, hostPID=true)',
    ],
    [
      'privileged',
      pod({ securityContext: { privileged: true } }),
      'privileged (container "a" must not set securityContext.privileged=true)',
    ],
    ['host ports', pod({ ports: [{ containerPort: 1, hostPort: 80 }] }), 'hostPort (container "a" uses hostPort 80)'],
    ['host paths', pod({}, { volumes: [{ name: 'v', hostPath: { path: '/' } }] }), 'hostPath volumes (volume "v")'],
    [
      'sysctls',
      pod({}, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }),
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      'SELinux options',
      pod({}, { securityContext: { seLinuxOptions: { type: 'x', user: 'u' } } }),
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "x"; user may not be set)',
    ],
  ])('refuses %s', (_, spec, expected) => {
    expect(violations('baseline', spec)).toBe(expected);
  });

  it('lets a plain pod pass', () => {
    expect(violations('baseline', pod())).toBeUndefined();
  });
});

describe('a version', () => {
  const asOf = (version: string, level: Level, spec: PodSpec, annotations: Record<string, string> = {}) =>
    violationsOf({ metadata: { annotations }, spec } as Pod, { level, version }).map(({ reason }) => reason);
  const sysctl = (name: string) => pod({}, { securityContext: { sysctls: [{ name, value: '1' }] } });

  it.each<[string, Level, PodSpec, string[]]>([
    ['v1.7', 'restricted', pod(), ['runAsNonRoot != true']],
    ['v1.18', 'restricted', pod(), ['allowPrivilegeEscalation != false', 'runAsNonRoot != true']],
    ['v1.21', 'restricted', pod(), ['allowPrivilegeEscalation != false', 'runAsNonRoot != true', 'seccompProfile']],
    ['v1.22', 'restricted', pod({ securityContext: { ...hardened.securityContext, runAsUser: 0 } }), []],
    ['v1.23', 'restricted', pod({ securityContext: { ...hardened.securityContext, runAsUser: 0 } }), ['runAsUser=0']],
    [
      'v1.35',
      'restricted',
      pod(
        { securityContext: { ...hardened.securityContext, runAsUser: 0, runAsNonRoot: false } },
        { hostUsers: false },
      ),
      [],
    ],
    [
      'v1.24',
      'restricted',
      pod({ securityContext: { runAsNonRoot: true } }, { os: { name: 'windows' } }),
      ['allowPrivilegeEscalation != false', 'unrestricted capabilities', 'seccompProfile'],
    ],
    ['v1.25', 'restricted', pod({ securityContext: { runAsNonRoot: true } }, { os: { name: 'windows' } }), []],
    ['v1.26', 'baseline', sysctl('net.ipv4.ip_local_reserved_ports'), ['forbidden sysctls']],
    ['v1.27', 'baseline', sysctl('net.ipv4.ip_local_reserved_ports'), []],
    ['v1.31', 'baseline', sysctl('net.ipv4.tcp_rmem'), ['forbidden sysctls']],
    ['v1.32', 'baseline', sysctl('net.ipv4.tcp_rmem'), []],
    [
      'v1.30',
      'baseline',
      pod({ securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }),
      ['seLinuxOptions'],
    ],
    ['v1.31', 'baseline', pod({ securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }), []],
    ['v1.33', 'baseline', pod({ livenessProbe: { httpGet: { port: 80, host: 'db' } } }), []],
    ['v1.34', 'baseline', pod({ livenessProbe: { httpGet: { port: 80, host: 'db' } } }), ['probe or lifecycle host']],
    ['v1.99', 'baseline', pod({ livenessProbe: { httpGet: { port: 80, host: 'db' } } }), ['probe or lifecycle host']],
    ['v1.34', 'baseline', pod({ securityContext: { procMount: 'Unmasked' } }, { hostUsers: false }), ['procMount']],
    ['v1.35', 'baseline', pod({ securityContext: { procMount: 'Unmasked' } }, { hostUsers: false }), []],
  ])('%s of %s', (version, level, spec, reasons) => {
    expect(asOf(version, level, spec)).toEqual(reasons);
  });

  it('up to v1.18 looks for seccomp profiles in annotations, later in fields', () => {
    const unconfined = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
    expect(asOf('v1.18', 'baseline', pod(), unconfined)).toEqual(['seccompProfile']);
    expect(asOf('v1.19', 'baseline', pod(), unconfined)).toEqual([]);
    const field = pod({ securityContext: { seccompProfile: { type: 'Unconfined' } } });
    expect(asOf('v1.18', 'baseline', field)).toEqual([]);
    expect(asOf('v1.19', 'baseline', field)).toEqual(['seccompProfile']);
  });
});

describe('namespace labels', () => {
  it('ask for nothing when there are none, and for the strictest when they are not understood', () => {
    expect(policyOf(undefined, 'enforce').level).toBe('privileged');
    expect(policyOf({ 'pod-security.kubernetes.io/enforce': 'huh' }, 'enforce').level).toBe('restricted');
  });

  it('are checked', () => {
    expect(
      validatePolicyLabels({
        'pod-security.kubernetes.io/warn': 'huh',
        'pod-security.kubernetes.io/audit-version': '1.2',
      }).map(String),
    ).toEqual([
      'metadata.labels[pod-security.kubernetes.io/audit-version]: Invalid value: "1.2": must be "latest" or "v1.x"',
      'metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "huh": must be one of privileged, baseline, restricted',
    ]);
  });
});
