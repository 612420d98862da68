import { containersNamed, plural, quoted, relaxed, setters, unique, type PodSecurityCheck } from './check.ts';
import { hostProbesChecks } from './host-probes-checks.ts';
import { containersOf, hasOwnUsers, type Container } from './pod-parts.ts';
import { seLinuxChecks } from './se-linux-checks.ts';
import { seccompBaselineChecks } from './seccomp-baseline-checks.ts';
import { sysctlChecks } from './sysctl-checks.ts';

const DEFAULT_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
const APPARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';

const firstUnderstood: readonly PodSecurityCheck[] = [
  {
    id: 'appArmorProfile',
    check(spec, { annotations = {} }) {
      const isBad = (type: string | undefined) =>
        type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
      const pod = spec.securityContext?.appArmorProfile?.type;
      const bad = containersOf(spec).filter(({ securityContext }) => isBad(securityContext?.appArmorProfile?.type));
      const types = unique([
        ...(isBad(pod) ? [pod!] : []),
        ...bad.map(({ securityContext }) => securityContext!.appArmorProfile!.type),
      ]);
      const noted = Object.entries(annotations)
        .filter(
          ([key, value]) =>
            key.startsWith(APPARMOR_ANNOTATION) &&
            value !== '' &&
            value !== 'runtime/default' &&
            !value.startsWith('localhost/'),
        )
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .sort();
      if (types.length === 0 && noted.length === 0) return undefined;
      const details = [
        ...(types.length > 0
          ? [`${setters(isBad(pod), bad)} must not set AppArmor profile type to ${quoted(types)}`]
          : []),
        ...(noted.length > 0 ? [`${plural('annotation', 'annotations', noted.length)} ${noted.join(', ')}`] : []),
      ];
      return {
        reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', types.length + noted.length),
        detail: details.join('; '),
      };
    },
  },
  {
    id: 'capabilities_baseline',
    check(spec) {
      const forbidden = (container: Container) =>
        (container.securityContext?.capabilities?.add ?? []).filter((each) => !DEFAULT_CAPABILITIES.has(each));
      const bad = containersOf(spec).filter((each) => forbidden(each).length > 0);
      if (bad.length === 0) return undefined;
      const names = quoted(unique(bad.flatMap(forbidden)));
      return {
        reason: 'non-default capabilities',
        detail: `${containersNamed(bad)} must not include ${names} in securityContext.capabilities.add`,
      };
    },
  },
  {
    id: 'hostNamespaces',
    check(spec) {
      const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
      return used.length === 0
        ? undefined
        : { reason: 'host namespaces', detail: used.map((name) => `${name}=true`).join(', ') };
    },
  },
  {
    id: 'hostPathVolumes',
    check({ volumes = [] }) {
      const names = volumes.filter(({ hostPath }) => hostPath).map(({ name }) => name);
      if (names.length === 0) return undefined;
      return { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)}` };
    },
  },
  {
    id: 'hostPorts',
    check(spec) {
      const hostPorts = ({ ports }: Container) => (ports ?? []).flatMap(({ hostPort }) => (hostPort ? [hostPort] : []));
      const bad = containersOf(spec).filter((each) => hostPorts(each).length > 0);
      if (bad.length === 0) return undefined;
      const ports = [...new Set(bad.flatMap(hostPorts))].sort((a, b) => a - b);
      const use = `${plural('uses', 'use', bad.length)} ${plural('hostPort', 'hostPorts', ports.length)} ${ports.join(', ')}`;
      return { reason: 'hostPort', detail: `${containersNamed(bad)} ${use}` };
    },
  },
  {
    id: 'privileged',
    check(spec) {
      const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.privileged);
      if (bad.length === 0) return undefined;
      return { reason: 'privileged', detail: `${containersNamed(bad)} must not set securityContext.privileged=true` };
    },
  },
  {
    id: 'procMount',
    check(spec) {
      const mount = ({ securityContext }: Container) => securityContext?.procMount ?? 'Default';
      const bad = containersOf(spec).filter((each) => mount(each) !== 'Default');
      if (bad.length === 0) return undefined;
      return {
        reason: 'procMount',
        detail: `${containersNamed(bad)} must not set securityContext.procMount to ${quoted(unique(bad.map(mount)))}`,
      };
    },
  },
  {
    id: 'windowsHostProcess',
    check(spec) {
      const pod = spec.securityContext?.windowsOptions?.hostProcess === true;
      const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.windowsOptions?.hostProcess);
      if (!pod && bad.length === 0) return undefined;
      return {
        reason: 'hostProcess',
        detail: `${setters(pod, bad)} must not set securityContext.windowsOptions.hostProcess=true`,
      };
    },
  },
];

/** The baseline standard. https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline */
export const baselineChecks: readonly PodSecurityCheck[] = [
  ...firstUnderstood,
  ...hostProbesChecks,
  ...seccompBaselineChecks,
  ...seLinuxChecks,
  ...sysctlChecks,
  relaxed(firstUnderstood, 'procMount', 35, hasOwnUsers),
];
