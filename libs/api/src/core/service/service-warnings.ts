import { fieldPath } from '@pilothouse/apimachinery';
import type { Service } from '@pilothouse/api';
import { cidrWarnings, ipWarnings } from '../validation/ip-warnings.ts';
import { TOPOLOGY_HINTS_ANNOTATION, TOPOLOGY_MODE_ANNOTATION } from '../well-known.ts';

const SPEC = fieldPath('spec');

/** Settings of a service that do nothing, or soon will not. */
export function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const warnings: string[] = [];
  const { type, externalIPs = [], externalName, trafficDistribution } = spec;
  const headless = type === 'ClusterIP' && spec.clusterIP === 'None';
  if (metadata.annotations?.[TOPOLOGY_HINTS_ANNOTATION] !== undefined) {
    warnings.push(
      `annotation ${TOPOLOGY_HINTS_ANNOTATION} is deprecated, please use ${TOPOLOGY_MODE_ANNOTATION} instead`,
    );
  }
  spec.clusterIPs?.forEach((ip, index) => warnings.push(...ipWarnings(ip, SPEC.child('clusterIPs').index(index))));
  if (headless) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  externalIPs.forEach((ip, index) => warnings.push(...ipWarnings(ip, SPEC.child('externalIPs').index(index))));
  if (externalIPs.length > 0 && !headless && type !== 'ExternalName') {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  }
  if (spec.loadBalancerIP) warnings.push(...ipWarnings(spec.loadBalancerIP, SPEC.child('loadBalancerIP')));
  spec.loadBalancerSourceRanges?.forEach((cidr, index) => {
    warnings.push(...cidrWarnings(cidr, SPEC.child('loadBalancerSourceRanges').index(index)));
  });
  if (type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (type !== 'ExternalName' && externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}
