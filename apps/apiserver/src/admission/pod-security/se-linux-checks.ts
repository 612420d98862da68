import { plural, quoted, setters, unique, type PodSecurityCheck } from './check.ts';
import { containersOf } from './pod-parts.ts';

const TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

/** By the types that are allowed. */
function seLinuxOptions(since: number, types: readonly string[]): PodSecurityCheck {
  const allowed = new Set(types);
  return {
    id: 'seLinuxOptions',
    since,
    check(spec) {
      const options = [
        spec.securityContext?.seLinuxOptions,
        ...containersOf(spec).map(({ securityContext }) => securityContext?.seLinuxOptions),
      ];
      const isBad = (each: (typeof options)[number]) =>
        each !== undefined && (!allowed.has(each.type ?? '') || Boolean(each.user) || Boolean(each.role));
      if (!options.some(isBad)) return undefined;
      const types = unique(options.flatMap((each) => (each && !allowed.has(each.type ?? '') ? [each.type!] : [])));
      const what = [
        ...(types.length > 0 ? [`${plural('type', 'types', types.length)} ${quoted(types)}`] : []),
        ...(options.some((each) => each?.user) ? ['user may not be set'] : []),
        ...(options.some((each) => each?.role) ? ['role may not be set'] : []),
      ];
      const who = setters(
        isBad(options[0]),
        containersOf(spec).filter(({ securityContext }) => isBad(securityContext?.seLinuxOptions)),
      );
      return {
        reason: 'seLinuxOptions',
        detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
      };
    },
  };
}

/** Types beyond a few, and users and roles of one's own, are forbidden. */
export const seLinuxChecks: readonly PodSecurityCheck[] = [
  seLinuxOptions(0, TYPES),
  seLinuxOptions(31, [...TYPES, 'container_engine_t']),
];
