import type { ControllerDescriptor } from '../controller-context.ts';
import { AttachDetachController } from './attach-detach/controller.ts';
import { BootstrapSigner } from './bootstrap-signer/controller.ts';
import { DeploymentController } from './deployment/controller.ts';
import { CsrApprovingController } from './csr-approving/controller.ts';
import { CsrCleanerController } from './csr-cleaner/controller.ts';
import { CsrSigningController } from './csr-signing/controller.ts';
import { DeviceTaintEvictionController } from './device-taint-eviction/controller.ts';
import { DisruptionController } from './disruption/controller.ts';
import { StaleDisruptionConditions } from './disruption/stale-conditions.ts';
import { EndpointSliceMirroringController } from './endpointslice-mirroring/controller.ts';
import { EndpointSliceController } from './endpointslice/controller.ts';
import { EndpointsController } from './endpoints/controller.ts';
import { GarbageCollector } from './garbage-collector/controller.ts';
import { LegacyTokenCleaner } from './legacy-token-cleaner/controller.ts';
import { NamespaceController } from './namespace/controller.ts';
import { NodeLifecycleController } from './node-lifecycle/controller.ts';
import { PodGarbageCollector } from './pod-gc/controller.ts';
import { ClusterRoleAggregationController } from './clusterrole-aggregation/controller.ts';
import { ReplicaSetController } from './replicaset/controller.ts';
import { REPLICATION_CONTROLLER } from './replicaset/replica-kind.ts';
import { PersistentVolumeBinder } from './persistentvolume-binder/controller.ts';
import { PersistentVolumeExpander } from './persistentvolume-expander/controller.ts';
import { PvProtectionController } from './pv-protection/controller.ts';
import { PvcProtectionController } from './pvc-protection/controller.ts';
import { PodClaims } from './resourceclaim/pod-claims.ts';
import { ClaimReservations } from './resourceclaim/reservations.ts';
import { ResourceQuotaController } from './resourcequota/controller.ts';
import { RootCaPublisher } from './root-ca-publisher/controller.ts';
import { ServiceAccountTokenController } from './serviceaccount-token/controller.ts';
import { TokenCleaner } from './token-cleaner/controller.ts';
import { ServiceAccountController } from './serviceaccount/controller.ts';
import { CronJobController } from './cronjob/controller.ts';
import { DaemonSetController } from './daemonset/controller.ts';
import { HorizontalPodAutoscalerController } from './horizontal-pod-autoscaler/controller.ts';
import { JobController } from './job/controller.ts';
import { OrphanJobPods } from './job/orphan-pods.ts';
import { ServiceCidrController } from './service-cidr/controller.ts';
import { StatefulSetController } from './statefulset/controller.ts';
import { TtlAfterFinishedController } from './ttl-after-finished/controller.ts';
import { EphemeralVolumeController } from './ephemeral-volume/controller.ts';
import { NodeIpamController } from './node-ipam/controller.ts';
import { SimulatedAttacher } from './simulated-attacher/controller.ts';
import { SimulatedProvisioner } from './simulated-provisioner/controller.ts';
import { SimulatedResizer } from './simulated-provisioner/resizer.ts';
import { TtlController } from './ttl/controller.ts';
import { ValidatingAdmissionPolicyStatusController } from './validatingadmissionpolicy-status/controller.ts';
import { TaintEvictionController } from './taint-eviction/controller.ts';

/** Every controller, by upstream's name; the order is the order in which they start. */
export const controllers: readonly ControllerDescriptor[] = [
  {
    name: 'serviceaccount-token-controller',
    workersFlag: 'concurrent-serviceaccount-token-syncs',
    aliases: ['serviceaccount-token'],
    // Upstream leaves it out too when there is nothing to sign with.
    create: (context) => {
      const keyFile = context.options.serviceAccountPrivateKeyFile;
      return keyFile ? new ServiceAccountTokenController(context, keyFile) : [];
    },
  },
  {
    name: 'bootstrap-signer-controller',
    account: 'bootstrap-signer',
    aliases: ['bootstrapsigner'],
    disabledByDefault: true,
    create: (context) => new BootstrapSigner(context),
  },
  {
    name: 'legacy-serviceaccount-token-cleaner-controller',
    account: 'legacy-service-account-token-cleaner',
    aliases: ['legacy-service-account-token-cleaner'],
    create: (context) => new LegacyTokenCleaner(context),
  },
  {
    name: 'token-cleaner-controller',
    account: 'token-cleaner',
    aliases: ['tokencleaner'],
    disabledByDefault: true,
    create: (context) => new TokenCleaner(context),
  },
  {
    name: 'serviceaccount-controller',
    account: 'service-account-controller',
    aliases: ['serviceaccount'],
    create: (context) => new ServiceAccountController(context),
  },
  {
    name: 'root-ca-certificate-publisher-controller',
    account: 'root-ca-cert-publisher',
    aliases: ['root-ca-cert-publisher'],
    create: (context) => new RootCaPublisher(context),
  },
  {
    name: 'namespace-controller',
    account: 'namespace-controller',
    workersFlag: 'concurrent-namespace-syncs',
    aliases: ['namespace'],
    create: (context) => new NamespaceController(context),
  },
  {
    name: 'garbage-collector-controller',
    account: 'generic-garbage-collector',
    workersFlag: 'concurrent-gc-syncs',
    aliases: ['garbagecollector'],
    create: (context) => new GarbageCollector(context),
  },
  {
    name: 'resourcequota-controller',
    account: 'resourcequota-controller',
    workersFlag: 'concurrent-resource-quota-syncs',
    aliases: ['resourcequota'],
    create: (context) => new ResourceQuotaController(context),
  },
  {
    name: 'deployment-controller',
    account: 'deployment-controller',
    workersFlag: 'concurrent-deployment-syncs',
    aliases: ['deployment'],
    create: (context) => new DeploymentController(context),
  },
  {
    name: 'replicaset-controller',
    account: 'replicaset-controller',
    workersFlag: 'concurrent-replicaset-syncs',
    aliases: ['replicaset'],
    create: (context) => new ReplicaSetController(context),
  },
  {
    name: 'replicationcontroller-controller',
    account: 'replication-controller',
    workersFlag: 'concurrent-rc-syncs',
    aliases: ['replicationcontroller'],
    create: (context) => new ReplicaSetController(context, REPLICATION_CONTROLLER),
  },
  {
    name: 'clusterrole-aggregation-controller',
    account: 'clusterrole-aggregation-controller',
    aliases: ['clusterrole-aggregation'],
    create: (context) => new ClusterRoleAggregationController(context),
  },
  {
    name: 'statefulset-controller',
    account: 'statefulset-controller',
    workersFlag: 'concurrent-statefulset-syncs',
    aliases: ['statefulset'],
    create: (context) => new StatefulSetController(context),
  },
  {
    name: 'daemonset-controller',
    account: 'daemon-set-controller',
    workersFlag: 'concurrent-daemonset-syncs',
    aliases: ['daemonset'],
    create: (context) => new DaemonSetController(context),
  },
  {
    name: 'job-controller',
    account: 'job-controller',
    workersFlag: 'concurrent-job-syncs',
    aliases: ['job'],
    create: (context) => [new JobController(context), new OrphanJobPods(context)],
  },
  {
    name: 'cronjob-controller',
    account: 'cronjob-controller',
    workersFlag: 'concurrent-cron-job-syncs',
    aliases: ['cronjob'],
    create: (context) => new CronJobController(context),
  },
  {
    name: 'ttl-after-finished-controller',
    account: 'ttl-after-finished-controller',
    workersFlag: 'concurrent-ttl-after-finished-syncs',
    aliases: ['ttl-after-finished'],
    create: (context) => new TtlAfterFinishedController(context),
  },
  {
    name: 'certificatesigningrequest-signing-controller',
    account: 'certificate-controller',
    aliases: ['csrsigning'],
    create: (context) => new CsrSigningController(context),
  },
  {
    name: 'certificatesigningrequest-approving-controller',
    account: 'certificate-controller',
    aliases: ['csrapproving'],
    create: (context) => new CsrApprovingController(context),
  },
  {
    name: 'certificatesigningrequest-cleaner-controller',
    account: 'certificate-controller',
    aliases: ['csrcleaner'],
    create: (context) => new CsrCleanerController(context),
  },
  {
    name: 'validatingadmissionpolicy-status-controller',
    account: 'validatingadmissionpolicy-status-controller',
    workersFlag: 'concurrent-validating-admission-policy-status-syncs',
    aliases: ['validatingadmissionpolicy-status'],
    create: (context) => new ValidatingAdmissionPolicyStatusController(context),
  },
  {
    name: 'persistentvolume-binder-controller',
    account: 'persistent-volume-binder',
    aliases: ['persistentvolume-binder'],
    create: (context) => new PersistentVolumeBinder(context),
  },
  {
    name: 'persistentvolume-attach-detach-controller',
    account: 'attachdetach-controller',
    aliases: ['attachdetach'],
    create: (context) => new AttachDetachController(context),
  },
  {
    name: 'persistentvolume-expander-controller',
    account: 'expand-controller',
    aliases: ['persistentvolume-expander'],
    create: (context) => new PersistentVolumeExpander(context),
  },
  {
    name: 'persistentvolumeclaim-protection-controller',
    account: 'pvc-protection-controller',
    aliases: ['pvc-protection'],
    create: (context) => new PvcProtectionController(context),
  },
  {
    name: 'persistentvolume-protection-controller',
    account: 'pv-protection-controller',
    aliases: ['pv-protection'],
    create: (context) => new PvProtectionController(context),
  },
  {
    name: 'endpoints-controller',
    account: 'endpoint-controller',
    workersFlag: 'concurrent-endpoint-syncs',
    aliases: ['endpoint'],
    create: (context) => new EndpointsController(context),
  },
  {
    name: 'endpointslice-controller',
    account: 'endpointslice-controller',
    workersFlag: 'concurrent-service-endpoint-syncs',
    aliases: ['endpointslice'],
    create: (context) => new EndpointSliceController(context),
  },
  {
    name: 'disruption-controller',
    account: 'disruption-controller',
    aliases: ['disruption'],
    create: (context) => [new DisruptionController(context), new StaleDisruptionConditions(context)],
  },
  {
    name: 'endpointslice-mirroring-controller',
    account: 'endpointslicemirroring-controller',
    workersFlag: 'mirroring-concurrent-service-endpoint-syncs',
    aliases: ['endpointslicemirroring'],
    create: (context) => new EndpointSliceMirroringController(context),
  },
  {
    name: 'node-lifecycle-controller',
    account: 'node-controller',
    aliases: ['nodelifecycle'],
    create: (context) => new NodeLifecycleController(context),
  },
  {
    name: 'taint-eviction-controller',
    account: 'node-controller',
    aliases: [],
    create: (context) => new TaintEvictionController(context),
  },
  {
    name: 'device-taint-eviction-controller',
    account: 'device-taint-eviction-controller',
    aliases: [],
    create: (context) => new DeviceTaintEvictionController(context),
  },
  {
    name: 'pod-garbage-collector-controller',
    account: 'pod-garbage-collector',
    aliases: ['podgc'],
    create: (context) => new PodGarbageCollector(context),
  },
  {
    name: 'ephemeral-volume-controller',
    account: 'ephemeral-volume-controller',
    workersFlag: 'concurrent-ephemeralvolume-syncs',
    aliases: ['ephemeral-volume'],
    create: (context) => new EphemeralVolumeController(context),
  },
  {
    name: 'resourceclaim-controller',
    account: 'resource-claim-controller',
    workersFlag: 'concurrent-resource-claim-syncs',
    aliases: ['resource-claim-controller'],
    create: (context) => [new PodClaims(context), new ClaimReservations(context)],
  },
  {
    name: 'horizontal-pod-autoscaler-controller',
    account: 'horizontal-pod-autoscaler',
    workersFlag: 'concurrent-horizontal-pod-autoscaler-syncs',
    aliases: ['horizontalpodautoscaling'],
    create: (context) => new HorizontalPodAutoscalerController(context),
  },
  {
    name: 'service-cidr-controller',
    account: 'service-cidrs-controller',
    aliases: [],
    create: (context) => new ServiceCidrController(context),
  },
  // Not upstream's: see docs/deviations.md.
  {
    name: 'simulated-provisioner-controller',
    account: 'persistent-volume-binder',
    aliases: [],
    create: (context) => [new SimulatedProvisioner(context), new SimulatedResizer(context)],
  },
  {
    name: 'simulated-attacher-controller',
    account: 'simulated-attacher',
    aliases: [],
    create: (context) => new SimulatedAttacher(context),
  },
  {
    name: 'node-ipam-controller',
    account: 'node-controller',
    aliases: ['nodeipam'],
    // Upstream leaves the controller out when no ranges are to be given.
    create: (context) => (context.options.allocateNodeCidrs ? new NodeIpamController(context) : []),
  },
  {
    name: 'ttl-controller',
    account: 'ttl-controller',
    aliases: ['ttl'],
    create: (context) => new TtlController(context),
  },
];
