import { Router } from 'express';
import { definitions } from '@pilothouse/api';
import type { Clock, Health, HealthHandler, Logger, MetricsRegistry, Tracer } from '@pilothouse/component';
import type { Storage } from '@pilothouse/storage';
import type { AdmissionConfiguration } from './admission/admission-configuration.ts';
import { AdmissionMetrics } from './admission/admission-metrics.ts';
import { AdmissionChain } from './admission/chain.ts';
import { WebhookClient } from './admission/webhooks/webhook-client.ts';
import { admissionPlugins, selectPlugins } from './admission/plugins/index.ts';
import type { ClientAuthorities } from './bootstrap/authentication-config-map.ts';
import { bootstrapSteps } from './bootstrap/index.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { escalationHooks } from './authorization/rbac/escalation-hooks.ts';
import type { RbacPolicy } from './authorization/rbac/rbac-policy.ts';
import { KubernetesService } from './bootstrap/kubernetes-service.ts';
import { withExpressionChecks } from './admission/policies/with-expression-checks.ts';
import { Aggregator } from './aggregation/aggregator.ts';
import { Backend, type BackendTls } from './connect/backend.ts';
import type { KubeletAccess } from './connect/kubelet-location.ts';
import { Discovery } from './discovery/discovery-routes.ts';
import { dispatcher } from './endpoints/dispatch.ts';
import { OpenRequests } from './filters/count-open-requests.ts';
import type { InFlightLimits } from './filters/limit-in-flight.ts';
import { addDebugPages } from './flow-control/debug-pages.ts';
import { FlowController } from './flow-control/flow-controller.ts';
import { FlowSchemaStatus } from './flow-control/flow-schema-status.ts';
import { keepDefaultObjects } from './flow-control/ensure-default-objects.ts';
import { addHealthChecks } from './health/add-health-checks.ts';
import { BootSequence } from './health/boot-sequence.ts';
import { handlerChain, type HandlerChainOptions } from './handler-chain.ts';
import { createExpressApps, protocolListener } from './http/express-apps.ts';
import { upgradeRequest } from './http/upgrade-request.ts';
import { newApiRequest } from './new-request.ts';
import { nonResourceRoutes } from './non-resource-routes.ts';
import { namespaceHooks } from './registry/namespace-hooks.ts';
import { OpenApi } from './openapi/open-api.ts';
import { CustomResources, withRuleChecks } from './registry/custom-resources/index.ts';
import { applyRuntimeConfig } from './registry/runtime-config.ts';
import { Resources } from './registry/resources.ts';
import { compose, type ApiRequest } from './request.ts';
import type { Security } from './security.ts';
import { AddressRepair } from './services/address-repair.ts';
import { ClusterIpAllocator } from './services/cluster-ip-allocator.ts';
import { IpRange } from './services/ip-range.ts';
import { NodePortAllocator, parsePortRange } from './services/node-port-allocator.ts';
import { serviceHooks } from './services/service-hooks.ts';
import { ServiceIpRanges } from './services/service-ip-ranges.ts';
import { SecureServer, type ServingCertificate } from './server.ts';
import { subresourceEndpoints } from './subresources/index.ts';
import { specialSubresources } from './subresources/special.ts';
import { virtualResources } from './virtual/index.ts';

export interface ApiserverOptions {
  readonly storage: Storage;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  readonly tracer: Tracer;
  readonly health: Health;
  readonly healthHandler: HealthHandler;
  readonly bindAddress: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly tls: ServingCertificate;
  /** Given what is served, because both may read stored objects. */
  readonly security: (resources: Resources) => Security;
  readonly requestTimeoutMs: number;
  readonly goawayChance: number;
  readonly inFlightLimits: InFlightLimits;
  readonly priorityAndFairness: boolean;
  readonly corsAllowedOrigins: readonly RegExp[];
  readonly maxStreamsPerConnection: number;
  /** Readiness fails for this long before the server stops to accept: time for load balancers to notice. */
  readonly shutdownDelayMs: number;
  /** For so long a server that is still starting counts as alive. */
  readonly livezGraceMs: number;
  /** How long etcd may take to answer health checks. */
  readonly etcdHealthCheckTimeoutMs: number;
  readonly etcdReadyCheckTimeoutMs: number;
  /** Ranges of cluster IPs, the default family first. */
  readonly serviceCidrs: readonly string[];
  readonly nodePortRange: string;
  /** Where the members of the cluster reach this apiserver. */
  readonly advertiseAddress: string;
  readonly clientAuthorities: ClientAuthorities;
  readonly kubelets: KubeletAccess;
  /** The client certificate by which extension servers know this one. */
  readonly frontProxy: Pick<BackendTls, 'cert' | 'key'>;
  readonly audit?: HandlerChainOptions['audit'];
  /** Entries of --runtime-config: which versions are served. */
  readonly runtimeConfig: readonly string[];
  /** Names of admission plugins to add to the default ones, or to leave out. */
  readonly enabledAdmission: readonly string[];
  readonly disabledAdmission: readonly string[];
  readonly admissionConfiguration: AdmissionConfiguration;
}

export interface Apiserver {
  readonly port: number;
  readonly resources: Resources;
  reloadCertificate(tls: ServingCertificate): void;
  /** Drains and stops; the storage stays open, it is the caller's. */
  stop(graceMs: number): Promise<void>;
}

/** Puts the parts together and serves. */
export async function startApiserver(options: ApiserverOptions): Promise<Apiserver> {
  const { storage, logger, clock, health } = options;
  const resources = new Resources(storage);
  // What has no list (reviews, bindings) is asked, not stored.
  for (const definition of applyRuntimeConfig(definitions, options.runtimeConfig)) {
    if (definition.verbs.includes('list')) {
      resources.add(
        definition.kind === 'CustomResourceDefinition' ? withRuleChecks(definition) : withExpressionChecks(definition),
      );
    } else resources.addVirtual(definition);
  }
  const ranges = options.serviceCidrs.map((cidr) => new IpRange(cidr));
  const addresses = resources.get('networking.k8s.io', 'ipaddresses').registry;
  const serviceIpRanges = new ServiceIpRanges(
    resources.get('networking.k8s.io', 'servicecidrs').registry.store,
    ranges,
  );
  resources.get('', 'services').registry.hooks = serviceHooks({
    clusterIps: ranges.map(({ family }) => new ClusterIpAllocator(family, serviceIpRanges, addresses)),
    nodePorts: new NodePortAllocator(parsePortRange(options.nodePortRange), storage),
  });
  resources.get('', 'namespaces').registry.hooks = namespaceHooks;
  let address = '';
  const aggregator: Aggregator = new Aggregator({
    ...{ resources, logger, clock },
    frontProxy: options.frontProxy,
    ownGroups: () => discovery.ownGroups,
    onChange: () => {
      discovery.changed();
      openApi.changed();
    },
  });
  const discovery = new Discovery(
    resources,
    () => address,
    () => aggregator.groups,
  );
  const openApi = new OpenApi(resources, () => aggregator.openApi);
  const security = options.security(resources);
  const admissionMetrics = new AdmissionMetrics(options.metrics, clock);
  const plugins = admissionPlugins({
    ...{ resources, clock, metrics: admissionMetrics, authorizer: security.authorizer },
    configuration: options.admissionConfiguration,
  });
  if (security.rbac) guardRbac(resources, security.rbac, security.authorizer);
  const services = {
    authorizer: security.authorizer,
    admission: new AdmissionChain(
      selectPlugins(plugins, options.enabledAdmission, options.disabledAdmission),
      admissionMetrics,
    ),
  };
  const backend = new Backend(options.kubelets);
  const connect = { resources, backend, kubelets: options.kubelets };
  const serveResource = dispatcher({
    resources,
    services,
    subresources: subresourceEndpoints(
      services,
      specialSubresources(services, resources, security.tokenIssuer, connect),
    ),
    virtual: virtualResources(services, resources, security),
  });
  const routes = nonResourceRoutes(discovery, openApi, options.healthHandler);
  if (security.openId) routes.mount(security.openId.paths, security.openId.router);
  const openRequests = new OpenRequests();
  const flowController = flowControllerFrom(options, resources);
  const chain = handlerChain({
    ...{ ...options, ...security, resources, openRequests },
    ...(flowController ? { flowController } : {}),
  });
  const handle = compose(chain, (request: ApiRequest) => {
    const { isResource, apiGroup, apiVersion } = request.info;
    if (!isResource) return routes.serve(request);
    return aggregator.owns(apiGroup, apiVersion)
      ? aggregator.serve(request, apiGroup, apiVersion)
      : serveResource(request);
  });
  const router = Router();
  router.use((http, response) => {
    const { request, malformed } = newApiRequest(http, response, clock);
    void (malformed ? compose(chain, () => Promise.reject(malformed))(request) : handle(request));
  });
  const server = new SecureServer({
    bindAddress: options.bindAddress,
    port: options.port,
    tls: options.tls,
    listener: protocolListener(createExpressApps(router)),
    onUpgrade(message, socket, head) {
      const { http, response, upgrade } = upgradeRequest(message, socket, head);
      const { request, malformed } = newApiRequest(http, response, clock, upgrade);
      void (malformed ? compose(chain, () => Promise.reject(malformed))(request) : handle(request));
    },
    maxStreamsPerConnection: options.maxStreamsPerConnection,
  });

  let stopping = false;
  let haveCachesSynced = false;
  addHealthChecks({
    ...{ health, storage, clock },
    healthCheckTimeoutMs: options.etcdHealthCheckTimeoutMs,
    readyCheckTimeoutMs: options.etcdReadyCheckTimeoutMs,
    haveCachesSynced: () => haveCachesSynced,
  });
  const boot = new BootSequence({
    ...{ health, clock, livezGraceMs: options.livezGraceMs },
    bootstrapSteps: Object.keys(bootstrapSteps),
    without: flowController ? [] : ['flowControl'],
  });
  health.addCheck({ name: 'shutdown', on: ['readyz'], check: () => failWhen(stopping, 'process is shutting down') });
  await storage.ready();
  haveCachesSynced = true;
  boot.reached('caches');
  void flowController?.ready().then(() => boot.reached('flowControl'));
  const customResources = new CustomResources({ resources, clock, logger, webhooks: new WebhookClient(resources) });
  await customResources.ready();
  boot.reached('customResources');
  const port = await server.listen(options.port, options.bindAddress);
  address = `${options.advertiseAddress}:${port}`;
  const { serviceCidrs, clientAuthorities } = options;
  for (const [step, run] of Object.entries(bootstrapSteps)) {
    await run({ resources, serviceCidrs, clientAuthorities, now: clock.now() });
    boot.reached(step);
  }
  const kubernetesService = new KubernetesService({
    ...{ storage, resources, clock, logger, port },
    address: options.advertiseAddress,
    clusterIp: ranges[0]!.at(0n),
  });
  await kubernetesService.start();
  boot.reached('kubernetesService');
  await aggregator.start();
  boot.reached('aggregator');
  const addressRepair = new AddressRepair(resources, clock, logger);
  await addressRepair.start();
  const flowSchemaStatus = new FlowSchemaStatus(resources, clock, logger);
  await flowSchemaStatus.start();
  const stopKeepingDefaults = keepDefaultObjects(resources, clock, logger);
  logger.info({ address }, 'Serving securely');

  return {
    port,
    resources,
    reloadCertificate: (tls) => server.reload(tls),
    async stop(graceMs) {
      // Everything goes on working until the last request is answered: readiness is only the word to go elsewhere.
      stopping = true;
      await kubernetesService.stop();
      if (options.shutdownDelayMs > 0) await clock.sleep(options.shutdownDelayMs);
      openRequests.drain();
      await server.close(openRequests.drained(), graceMs);
      if (openRequests.size > 0) logger.warn({ requests: openRequests.paths }, 'Requests were cut off');
      customResources.close();
      aggregator.stop();
      flowSchemaStatus.close();
      stopKeepingDefaults();
      flowController?.close();
      security.close();
      serviceIpRanges.close();
      addressRepair.stop();
      backend.close();
    },
  };
}

function flowControllerFrom(options: ApiserverOptions, resources: Resources): FlowController | undefined {
  if (!options.priorityAndFairness) return undefined;
  const { clock, health } = options;
  const { readOnly, mutating } = options.inFlightLimits;
  const controller = new FlowController(resources, readOnly + mutating, clock);
  addDebugPages(
    health,
    controller,
    () => clock.monotonicMs(),
    () => clock.now(),
  );
  return controller;
}

function guardRbac(resources: Resources, policy: RbacPolicy, authorizer: Authorizer): void {
  for (const resource of ['clusterroles', 'roles', 'clusterrolebindings', 'rolebindings']) {
    const { registry, definition } = resources.get('rbac.authorization.k8s.io', resource);
    registry.hooks = escalationHooks(definition, policy, authorizer);
  }
}

function failWhen(condition: boolean, why: string): void {
  if (condition) throw new Error(why);
}
