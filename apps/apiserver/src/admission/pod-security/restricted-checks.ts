import { containersNamed, plural, quoted, relaxed, setters, unique, type PodSecurityCheck } from './check.ts';
import { containersOf, hasOwnUsers, isForWindows, type Container } from './pod-parts.ts';

const ALLOWED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const firstUnderstood: readonly PodSecurityCheck[] = [
  {
    id: 'allowPrivilegeEscalation',
    since: 8,
    check(spec) {
      const bad = containersOf(spec).filter(
        ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
      );
      if (bad.length === 0) return undefined;
      const detail = `${containersNamed(bad)} must set securityContext.allowPrivilegeEscalation=false`;
      return { reason: 'allowPrivilegeEscalation != false', detail };
    },
  },
  {
    id: 'capabilities_restricted',
    since: 22,
    replaces: 'capabilities_baseline',
    check(spec) {
      const added = ({ securityContext }: Container) =>
        (securityContext?.capabilities?.add ?? []).filter((each) => each !== 'NET_BIND_SERVICE');
      const keeping = containersOf(spec).filter(
        ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'),
      );
      const adding = containersOf(spec).filter((each) => added(each).length > 0);
      if (keeping.length === 0 && adding.length === 0) return undefined;
      const details = [
        ...(keeping.length > 0
          ? [`${containersNamed(keeping)} must set securityContext.capabilities.drop=["ALL"]`]
          : []),
        ...(adding.length > 0
          ? [
              `${containersNamed(adding)} must not include ${quoted(unique(adding.flatMap(added)))} in securityContext.capabilities.add`,
            ]
          : []),
      ];
      return { reason: 'unrestricted capabilities', detail: details.join('; ') };
    },
  },
  {
    id: 'restrictedVolumes',
    replaces: 'hostPathVolumes',
    check({ volumes = [] }) {
      const typeOf = (volume: object) => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
      const bad = volumes.filter((volume) => !ALLOWED_VOLUMES.has(typeOf(volume)));
      if (bad.length === 0) return undefined;
      const types = unique(bad.map(typeOf));
      const names = `${plural('volume', 'volumes', bad.length)} ${quoted(bad.map(({ name }) => name))}`;
      const use = `${plural('uses', 'use', bad.length)} restricted ${plural('volume type', 'volume types', types.length)} ${quoted(types)}`;
      return { reason: 'restricted volume types', detail: `${names} ${use}` };
    },
  },
  {
    id: 'runAsNonRoot',
    check(spec) {
      const pod = spec.securityContext?.runAsNonRoot;
      const of = ({ securityContext }: Container) => securityContext?.runAsNonRoot;
      const explicit = containersOf(spec).filter((each) => of(each) === false);
      const silent = containersOf(spec).filter((each) => of(each) === undefined);
      const reason = 'runAsNonRoot != true';
      // What the pod says does not matter where every container says otherwise.
      const podIsBad = pod === false && silent.length > 0;
      if (podIsBad || explicit.length > 0) {
        return { reason, detail: `${setters(podIsBad, explicit)} must not set securityContext.runAsNonRoot=false` };
      }
      if (pod !== undefined || silent.length === 0) return undefined;
      return { reason, detail: `pod or ${containersNamed(silent)} must set securityContext.runAsNonRoot=true` };
    },
  },
  {
    id: 'runAsUser',
    since: 23,
    check(spec) {
      const pod = spec.securityContext?.runAsUser === 0;
      const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.runAsUser === 0);
      if (!pod && bad.length === 0) return undefined;
      return { reason: 'runAsUser=0', detail: `${setters(pod, bad)} must not set runAsUser=0` };
    },
  },
  {
    id: 'seccompProfile_restricted',
    since: 19,
    replaces: 'seccompProfile_baseline',
    check(spec) {
      const isBad = (type: string | undefined) =>
        type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
      const of = ({ securityContext }: Container) => securityContext?.seccompProfile?.type;
      const pod = spec.securityContext?.seccompProfile?.type;
      const explicit = containersOf(spec).filter((each) => isBad(of(each)));
      const silent = containersOf(spec).filter((each) => of(each) === undefined);
      if (isBad(pod) || explicit.length > 0) {
        const types = unique([...(isBad(pod) ? [pod!] : []), ...explicit.map((each) => of(each)!)]);
        return {
          reason: 'seccompProfile',
          detail: `${setters(isBad(pod), explicit)} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
        };
      }
      if (pod !== undefined || silent.length === 0) return undefined;
      const detail = `pod or ${containersNamed(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
      return { reason: 'seccompProfile', detail };
    },
  },
];

const WINDOWS_EXEMPT_SINCE = 25;
const USER_NAMESPACES_EXEMPT_SINCE = 35;

/** What the restricted standard asks for beyond the baseline. https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
export const restrictedChecks: readonly PodSecurityCheck[] = [
  ...firstUnderstood,
  ...['allowPrivilegeEscalation', 'capabilities_restricted', 'seccompProfile_restricted'].map((id) =>
    relaxed(firstUnderstood, id, WINDOWS_EXEMPT_SINCE, isForWindows),
  ),
  ...['runAsNonRoot', 'runAsUser'].map((id) => relaxed(firstUnderstood, id, USER_NAMESPACES_EXEMPT_SINCE, hasOwnUsers)),
];
