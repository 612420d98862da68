import { plural, setters, type PodSecurityCheck } from './check.ts';
import { containersOf } from './pod-parts.ts';

const POD = 'seccomp.security.alpha.kubernetes.io/pod';
const CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

const isGood = (profile: string): boolean =>
  profile === 'runtime/default' || profile === 'docker/default' || profile.startsWith('localhost/');

/** No pod may be without a seccomp profile by its own wish. Up to v1.18 annotations said so, since then fields. */
export const seccompBaselineChecks: readonly PodSecurityCheck[] = [
  {
    id: 'seccompProfile_baseline',
    check(spec, { annotations = {} }) {
      const keys = [POD, ...containersOf(spec).map(({ name }) => CONTAINER + name)];
      const bad = keys
        .filter((key) => annotations[key] !== undefined && !isGood(annotations[key]))
        .map((key) => `${key}=${JSON.stringify(annotations[key])}`)
        .sort((a, b) => (a < b ? -1 : 1));
      if (bad.length === 0) return undefined;
      const what = plural('annotation', 'annotations', bad.length);
      return { reason: 'seccompProfile', detail: `forbidden ${what} ${bad.join(', ')}` };
    },
  },
  {
    id: 'seccompProfile_baseline',
    since: 19,
    check(spec) {
      const isBad = (type: string | undefined) => type === 'Unconfined';
      const pod = isBad(spec.securityContext?.seccompProfile?.type);
      const bad = containersOf(spec).filter(({ securityContext }) => isBad(securityContext?.seccompProfile?.type));
      if (!pod && bad.length === 0) return undefined;
      return {
        reason: 'seccompProfile',
        detail: `${setters(pod, bad)} must not set securityContext.seccompProfile.type to "Unconfined"`,
      };
    },
  },
];
