import type { Clock } from '@pilothouse/component';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { Resources } from '../../registry/resources.ts';
import type { AdmissionConfiguration } from '../admission-configuration.ts';
import type { AdmissionMetrics } from '../admission-metrics.ts';
import type { AdmissionPlugin } from '../chain.ts';
import { WebhookClient } from '../webhooks/webhook-client.ts';
import { alwaysAdmit } from './always-admit.ts';
import { alwaysDeny } from './always-deny.ts';
import { alwaysPullImages } from './always-pull-images.ts';
import {
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  clusterTrustBundleAttest,
} from './certificate-signers.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { denyServiceExternalIps } from './deny-service-external-ips.ts';
import { eventRateLimit } from './event-rate-limit.ts';
import { extendedResourceToleration } from './extended-resource-toleration.ts';
import { imagePolicyWebhook } from './image-policy-webhook.ts';
import { limitRanger } from './limit-ranger.ts';
import { mutatingAdmissionPolicy } from './mutating-policy.ts';
import { mutatingAdmissionWebhook } from './mutating-webhook.ts';
import { namespaceAutoProvision } from './namespace-auto-provision.ts';
import { namespaceExists } from './namespace-exists.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { ownerReferencesPermissionEnforcement } from './owner-references-permission-enforcement.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { podNodeSelector } from './pod-node-selector.ts';
import { podSecurity } from './pod-security.ts';
import { podTolerationRestriction } from './pod-toleration-restriction.ts';
import { podTopologyLabels } from './pod-topology-labels.ts';
import { priority } from './priority.ts';
import { resourceQuota } from './resource-quota.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';
import { validatingAdmissionPolicy } from './validating-policy.ts';
import { validatingAdmissionWebhook } from './validating-webhook.ts';

/** What plugins are made of. */
export interface PluginServices {
  readonly resources: Resources;
  readonly authorizer: Authorizer;
  readonly metrics: AdmissionMetrics;
  readonly configuration: AdmissionConfiguration;
  readonly clock: Clock;
}

/** Every built-in plugin, in the order in which upstream runs them. */
export function admissionPlugins({
  resources,
  authorizer,
  metrics,
  configuration,
  clock,
}: PluginServices): readonly AdmissionPlugin[] {
  const registry = (group: string, resource: string) => resources.get(group, resource).registry;
  const webhooks = { resources, authorizer, metrics, client: new WebhookClient(resources) };
  const storageClasses = registry('storage.k8s.io', 'storageclasses');
  return [
    alwaysAdmit,
    namespaceAutoProvision(registry('', 'namespaces')),
    namespaceLifecycle(registry('', 'namespaces')),
    namespaceExists(registry('', 'namespaces')),
    limitRanger(registry('', 'limitranges')),
    serviceAccount(registry('', 'serviceaccounts')),
    nodeRestriction(registry('', 'pods')),
    taintNodesByCondition,
    alwaysPullImages,
    imagePolicyWebhook(configuration, clock),
    podSecurity(registry('', 'namespaces'), registry('', 'pods')),
    podNodeSelector(registry('', 'namespaces'), configuration),
    priority(registry('scheduling.k8s.io', 'priorityclasses')),
    defaultTolerationSeconds,
    podTolerationRestriction(registry('', 'namespaces'), configuration),
    eventRateLimit(configuration, clock),
    extendedResourceToleration,
    defaultStorageClass(storageClasses),
    storageObjectInUseProtection,
    ownerReferencesPermissionEnforcement(resources, authorizer),
    persistentVolumeClaimResize(storageClasses),
    runtimeClass(registry('node.k8s.io', 'runtimeclasses')),
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    clusterTrustBundleAttest(authorizer),
    certificateSubjectRestriction,
    defaultIngressClass(registry('networking.k8s.io', 'ingressclasses')),
    podTopologyLabels(registry('', 'nodes')),
    denyServiceExternalIps,
    mutatingAdmissionPolicy({ resources, authorizer }),
    mutatingAdmissionWebhook(resources, webhooks),
    validatingAdmissionPolicy({ resources, authorizer }),
    validatingAdmissionWebhook(resources, webhooks),
    resourceQuota(registry('', 'resourcequotas')),
    alwaysDeny,
  ];
}

/** Plugins that upstream leaves out unless asked for. */
const OFF_BY_DEFAULT = new Set([
  'AlwaysAdmit',
  'AlwaysDeny',
  'AlwaysPullImages',
  'DenyServiceExternalIPs',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'ImagePolicyWebhook',
  'NamespaceAutoProvision',
  'NamespaceExists',
  'NodeRestriction',
  'OwnerReferencesPermissionEnforcement',
  'PodNodeSelector',
  'PodTolerationRestriction',
]);

/** As `--enable-admission-plugins` and `--disable-admission-plugins` say; throws for a name that no plugin has. */
export function selectPlugins(
  all: readonly AdmissionPlugin[],
  enabled: readonly string[],
  disabled: readonly string[],
): readonly AdmissionPlugin[] {
  const known = new Set(all.map(({ name }) => name));
  const unknown = [...enabled, ...disabled].filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new Error(`unknown admission plugin ${unknown.map((name) => JSON.stringify(name)).join(', ')}`);
  const selected = all.filter(
    ({ name }) => !disabled.includes(name) && (enabled.includes(name) || !OFF_BY_DEFAULT.has(name)),
  );
  for (const plugin of selected) plugin.configure?.();
  return selected;
}
