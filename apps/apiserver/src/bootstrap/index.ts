import { ensureDefaultObjects } from '../flow-control/ensure-default-objects.ts';
import type { Resources } from '../registry/resources.ts';
import { ensureAuthenticationConfigMap, type ClientAuthorities } from './authentication-config-map.ts';
import { ensureLegacyTokenTracking } from './legacy-token-tracking.ts';
import { ensureRbacPolicy } from './rbac/ensure-rbac-policy.ts';
import { ensureServiceCidr } from './service-cidr.ts';
import { ensureSystemNamespaces } from './system-namespaces.ts';
import { ensureSystemPriorityClasses } from './system-priority-classes.ts';

export interface BootstrapOptions {
  readonly resources: Resources;
  readonly serviceCidrs: readonly string[];
  readonly clientAuthorities: ClientAuthorities;
  readonly now: Date;
}

/** What an empty cluster needs before the first client comes, by the name of upstream's post-start hook. */
export const bootstrapSteps: Readonly<Record<string, (options: BootstrapOptions) => Promise<void>>> = {
  'start-system-namespaces-controller': ({ resources, now }) => ensureSystemNamespaces(resources, now),
  'rbac/bootstrap-roles': ({ resources, now }) => ensureRbacPolicy(resources, now),
  'priority-and-fairness-config-producer': ({ resources, now }) => ensureDefaultObjects(resources, now),
  'scheduling/bootstrap-system-priority-classes': ({ resources, now }) => ensureSystemPriorityClasses(resources, now),
  'start-service-ip-repair-controllers': ({ resources, serviceCidrs, now }) =>
    ensureServiceCidr(resources, serviceCidrs, now),
  'start-legacy-token-tracking-controller': ({ resources, now }) => ensureLegacyTokenTracking(resources, now),
  'start-cluster-authentication-info-controller': ({ resources, clientAuthorities, now }) =>
    ensureAuthenticationConfigMap(resources, clientAuthorities, now),
};
