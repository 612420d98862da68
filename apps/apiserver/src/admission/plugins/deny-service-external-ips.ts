import { forbidden } from '@pilothouse/apimachinery';
import type { Service } from '@pilothouse/api';
import type { AdmissionPlugin } from '../chain.ts';

/** Keeps services from claiming addresses that are not theirs (CVE-2020-8554). https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#denyserviceexternalips */
export const denyServiceExternalIps: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  operations: ['CREATE', 'UPDATE'],
  validate({ definition, subresource, name, object, oldObject }) {
    if (definition.group !== '' || definition.resource !== 'services' || subresource !== '') return;
    const before = (oldObject as Service | undefined)?.spec.externalIPs ?? [];
    // Those that were there before the plugin may stay.
    const added = ((object as Service).spec.externalIPs ?? []).some((ip) => !before.includes(ip));
    if (added) throw forbidden(definition, name, 'Use of external IPs is denied by admission control');
  },
};
