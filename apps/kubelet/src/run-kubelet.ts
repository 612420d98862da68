import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { clientPoolFromKubeconfig } from '@pilothouse/client';
import type { KubeClient } from '@pilothouse/client';
import type { Clock, ComponentContext } from '@pilothouse/component';
import type { FLAGS } from './flags.ts';
import { createSimulation, Kubelet } from './kubelet.ts';
import { planNodes } from './kubelet-options.ts';
import { registerKubeletMetrics } from './kubelet-metrics.ts';
import { alwaysAllow, webhookAuthorizer } from './server/authorizer.ts';
import type { Authorize } from './server/authorizer.ts';
import { KubeletServer } from './server/kubelet-server.ts';
import { parseStages } from './stages/parse-stages.ts';

const USER_AGENT = 'kubelet';

/** Puts a kubelet together from the process's flags. */
export async function runKubelet(component: ComponentContext<typeof FLAGS>): Promise<void> {
  const { options, clock, random, logger, tracer, signal } = component;
  const { speed } = options;
  if (!(speed > 0)) throw new Error('--speed must be greater than 0');
  const stages = options.stages.flatMap((file) => parseStages(readFileSync(file, 'utf8'), file));
  const { network, runtime } = createSimulation({ clock, random, stages, speed });
  const pool = await clientPoolFromKubeconfig(options.kubeconfig, {
    contentType: options.kubeApiContentType === 'application/json' ? 'json' : 'protobuf',
    clock,
    tracer,
  });
  component.onShutdown('client', () => pool.close());
  const client = pool.client({ userAgent: USER_AGENT });
  const asNode = (nodeName: string): KubeClient =>
    pool.client({
      userAgent: USER_AGENT,
      impersonate: { user: `system:node:${nodeName}`, groups: ['system:nodes'] },
    });
  const server = await listen(component, client);
  const specs = planNodes(options, server.port, runtime.version);
  const kubelet = new Kubelet({
    client,
    ...(options.impersonateNodes ? { clientOf: asNode } : {}),
    nodes: specs,
    clock,
    random,
    logger,
    network,
    runtime,
    speed,
    tracer,
  });
  component.onShutdown('kubelet', () => kubelet.stop());
  const { fleet, podManager } = kubelet;
  server.kubeletServer.serve({ fleet, podManager, runtime, clock, logger, healthHandler: component.healthHandler });
  registerKubeletMetrics(component.metrics, kubelet);
  component.health.addCheck({
    name: 'nodes-registered',
    on: ['readyz'],
    check: () => {
      if (fleet.registeredCount < specs.length)
        throw new Error(`${fleet.registeredCount} of ${specs.length} nodes are registered`);
    },
  });
  component.health.addDebugDump('pods', () => podManager.list().map((worker) => worker.explain()));
  await kubelet.start(signal);
  logger.info({ nodes: specs.length }, 'Kubelet started');
}

async function listen(
  component: ComponentContext<typeof FLAGS>,
  client: KubeClient,
): Promise<{ kubeletServer: KubeletServer; port: number }> {
  const { options, logger, clock } = component;
  const { tlsCertFile, tlsPrivateKeyFile, clientCaFile } = options;
  const pair =
    tlsCertFile && tlsPrivateKeyFile
      ? { cert: readFileSync(tlsCertFile), key: readFileSync(tlsPrivateKeyFile) }
      : await selfSigned(options);
  const kubeletServer = new KubeletServer({
    logger,
    host: options.address,
    port: options.port,
    tls: { ...pair, ...(clientCaFile ? { clientCa: readFileSync(clientCaFile) } : {}) },
    anonymousAuth: options.anonymousAuth,
    authorize: authorizer(options.authorizationMode, client, clock),
  });
  component.onShutdown('kubelet server', () => kubeletServer.close());
  return { kubeletServer, port: await kubeletServer.listen() };
}

function authorizer(mode: string, client: KubeClient, clock: Clock): Authorize {
  if (mode === 'AlwaysAllow') return alwaysAllow;
  if (mode === 'Webhook') return webhookAuthorizer(client, clock);
  throw new Error(`invalid argument "${mode}" for "--authorization-mode" flag: must be AlwaysAllow or Webhook`);
}

/** Upstream does the same when no certificate is given. The library is loaded only then. */
async function selfSigned({ address }: { readonly address: string }): Promise<{ cert: string; key: string }> {
  const { selfSignedServerCert } = await import('@pilothouse/pki');
  const { certPem, keyPem } = await selfSignedServerCert([
    'localhost',
    '127.0.0.1',
    hostname(),
    ...(address === '0.0.0.0' ? [] : [address]),
  ]);
  return { cert: certPem, key: keyPem };
}
