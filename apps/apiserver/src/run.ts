import { readFileSync, watchFile, unwatchFile } from 'node:fs';
import type { ComponentContext, FlagValues } from '@pilothouse/component';
import { createEtcdClient, type EtcdTlsSource } from '@pilothouse/etcd';
import { openStorage } from '@pilothouse/storage';
import { startApiserver } from './apiserver.ts';
import { auditFromFlags } from './audit/audit-from-flags.ts';
import type { ClientAuthorities } from './bootstrap/authentication-config-map.ts';
import { advertiseAddress } from './bootstrap/advertise-address.ts';
import { readAdmissionConfiguration } from './admission/admission-configuration.ts';
import type { KubeletAccess } from './connect/kubelet-location.ts';
import { Encryption } from './encryption/encryption.ts';
import type { APISERVER_FLAGS } from './flags.ts';
import { securityFromFlags } from './security.ts';
import type { ServingCertificate } from './server.ts';
import { servingFiles, servingKeyPair } from './serving-certificate.ts';
import { storageMetrics } from './storage-metrics.ts';

type Flags = FlagValues<typeof APISERVER_FLAGS>;

/** The process: from flags to a server that drains when it is told to stop. */
export async function runApiserver(context: ComponentContext<typeof APISERVER_FLAGS>): Promise<void> {
  const { logger, clock, metrics, tracer, health, healthHandler, onShutdown } = context;
  const options = context.options as unknown as Flags;
  checkInFlightLimits(options);
  const etcd = createEtcdClient({ endpoints: options.etcdServers, ...etcdTls(options) });
  onShutdown('etcd client', () => etcd.close());
  const encryption = await encryptionFromFlags(options, context);
  if (encryption) onShutdown('encryption', () => encryption.close());
  const storage = await openStorage({
    etcd,
    ...(encryption ? { encryption } : {}),
    prefix: options.etcdPrefix,
    logger,
    clock,
    metrics: storageMetrics(metrics),
    compactionIntervalMs: options.etcdCompactionInterval,
  });
  onShutdown('storage', () => storage.close());
  const tls = await servingCertificate(options);
  const auditing = auditFromFlags(options, clock, logger, metrics);
  if (auditing) onShutdown('audit log', () => auditing.sink.close());
  const starting = startApiserver({
    storage,
    logger,
    clock,
    metrics,
    tracer,
    health,
    healthHandler,
    bindAddress: options.bindAddress,
    port: options.securePort,
    tls,
    security: (resources) => securityFromFlags(options, resources, { clock, metrics, logger }),
    requestTimeoutMs: options.requestTimeout,
    goawayChance: options.goawayChance,
    priorityAndFairness: options.enablePriorityAndFairness,
    inFlightLimits: { readOnly: options.maxRequestsInflight, mutating: options.maxMutatingRequestsInflight },
    corsAllowedOrigins: options.corsAllowedOrigins.map((each) => new RegExp(each)),
    maxStreamsPerConnection: options.http2MaxStreamsPerConnection,
    livezGraceMs: options.livezGracePeriod,
    etcdHealthCheckTimeoutMs: options.etcdHealthcheckTimeout,
    etcdReadyCheckTimeoutMs: options.etcdReadycheckTimeout,
    shutdownDelayMs: options.shutdownDelayDuration,
    serviceCidrs: options.serviceClusterIpRange.split(','),
    nodePortRange: options.serviceNodePortRange,
    advertiseAddress: advertiseAddress(options.advertiseAddress, options.bindAddress),
    kubelets: kubeletAccess(options),
    ...(auditing ? { audit: auditing } : {}),
    frontProxy:
      options.proxyClientCertFile === ''
        ? {}
        : {
            cert: readFileSync(options.proxyClientCertFile, 'utf8'),
            key: readFileSync(options.proxyClientKeyFile, 'utf8'),
          },
    runtimeConfig: options.runtimeConfig,
    enabledAdmission: options.enableAdmissionPlugins,
    disabledAdmission: options.disableAdmissionPlugins,
    admissionConfiguration:
      options.admissionControlConfigFile === ''
        ? new Map()
        : readAdmissionConfiguration(options.admissionControlConfigFile),
    clientAuthorities: {
      ...(options.clientCaFile === '' ? {} : { clientCa: readFileSync(options.clientCaFile, 'utf8') }),
      ...requestHeaderAuthority(options),
    },
  });
  // Registered before it has started: a stop in the middle of the start must wait for it, or storage would be closed
  // under a server that answers.
  onShutdown('server', async () => {
    const { shutdownTimeout, shutdownDelayDuration } = context.options;
    await (await starting).stop(drainMs(shutdownTimeout, shutdownDelayDuration));
  });
  const server = await starting;
  const stopWatching = reloadOnChange(options, (changed) => {
    logger.info('Reloading the serving certificate');
    server.reloadCertificate(changed);
  });
  onShutdown('certificate watch', stopWatching);
}

const LEAST_DRAIN_MS = 2_000;

/** What is under way when the server stops has all of `--shutdown-timeout` to finish, but for what comes before and after. */
function drainMs(shutdownTimeoutMs: number, shutdownDelayMs: number): number {
  return Math.max(LEAST_DRAIN_MS, shutdownTimeoutMs - shutdownDelayMs - LEAST_DRAIN_MS);
}

/** Read again for every connection, so that certificates can be renewed in place, as upstream's. */
function etcdTls({ etcdCafile, etcdCertfile, etcdKeyfile }: Flags): { tls?: EtcdTlsSource } {
  if (etcdCafile === '') return {};
  const read = () => ({
    ca: readFileSync(etcdCafile),
    ...(etcdCertfile === '' ? {} : { cert: readFileSync(etcdCertfile), key: readFileSync(etcdKeyfile) }),
  });
  let last = read();
  return {
    tls: () => {
      try {
        last = read();
      } catch {
        // In the middle of being replaced: the old ones have not been wrong so far.
      }
      return last;
    },
  };
}

function checkInFlightLimits({
  enablePriorityAndFairness,
  maxRequestsInflight: reads,
  maxMutatingRequestsInflight: writes,
}: Flags): void {
  if (!enablePriorityAndFairness || reads + writes > 0) return;
  throw new Error(
    `invalid configuration: MaxRequestsInFlight=${reads} and MaxMutatingRequestsInFlight=${writes}; they must add up to something positive`,
  );
}

async function encryptionFromFlags(
  options: Flags,
  { clock, logger, metrics, health }: ComponentContext<typeof APISERVER_FLAGS>,
): Promise<Encryption | undefined> {
  const { encryptionProviderConfig: file, encryptionProviderConfigAutomaticReload: reload } = options;
  if (file === '') return undefined;
  return Encryption.open({ file, reload, clock, logger, metrics, health });
}

function kubeletAccess(options: Flags): KubeletAccess {
  const { kubeletClientCertificate, kubeletClientKey, kubeletCertificateAuthority, kubeletPreferredAddressTypes } =
    options;
  return {
    preferredAddressTypes: kubeletPreferredAddressTypes,
    ...(kubeletClientCertificate === ''
      ? {}
      : { cert: readFileSync(kubeletClientCertificate, 'utf8'), key: readFileSync(kubeletClientKey, 'utf8') }),
    ...(kubeletCertificateAuthority === '' ? {} : { ca: readFileSync(kubeletCertificateAuthority, 'utf8') }),
  };
}

async function servingCertificate(options: Flags): Promise<ServingCertificate> {
  return { ...(await servingKeyPair(options)), ...clientAuthorities(options) };
}

function clientAuthorities({ clientCaFile, requestheaderClientCaFile }: Flags): { clientCa?: string } {
  const files = [clientCaFile, requestheaderClientCaFile].filter((each) => each !== '');
  return files.length === 0 ? {} : { clientCa: files.map((file) => readFileSync(file, 'utf8')).join('\n') };
}

function requestHeaderAuthority(options: Flags): Pick<ClientAuthorities, 'requestHeaderCa' | 'requestHeaders'> {
  if (options.requestheaderClientCaFile === '') return {};
  return {
    requestHeaderCa: readFileSync(options.requestheaderClientCaFile, 'utf8'),
    requestHeaders: {
      username: options.requestheaderUsernameHeaders,
      group: options.requestheaderGroupHeaders,
      extraPrefix: options.requestheaderExtraHeadersPrefix,
      allowedNames: options.requestheaderAllowedNames,
    },
  };
}

const RELOAD_CHECK_MS = 60_000;

/** Certificates are renewed in place; connections made after that see the new one. */
function reloadOnChange(options: Flags, reload: (tls: ServingCertificate) => void): () => void {
  const { cert = '', key = '' } = servingFiles(options) ?? {};
  const files = [cert, key, options.clientCaFile].filter((each) => each !== '');
  const onChange = () => void servingCertificate(options).then(reload, () => {});
  for (const file of files) watchFile(file, { interval: RELOAD_CHECK_MS, persistent: false }, onChange);
  return () => files.forEach((file) => unwatchFile(file, onChange));
}
