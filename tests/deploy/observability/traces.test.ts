import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '../../chaos/cluster/api-client.ts';
import { eventually } from '../../chaos/cluster/eventually.ts';
import { receiveOverGrpc, receiveOverHttp, type OtlpReceiver } from './otlp-receiver.ts';

const APPS = join(import.meta.dirname, '..', '..', '..', 'apps');
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

let receiver: OtlpReceiver | undefined;
let apiserver: RunningApiserver | undefined;
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  await apiserver?.stop();
  await receiver?.stop();
  vi.unstubAllEnvs();
});

/** Every process that is started from now on sends its traces there, as in deploy/compose/observability.yml. */
function sendTo({ endpoint }: OtlpReceiver, protocol: string): void {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', protocol);
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '200');
}

function start(app: string, ...flags: string[]): void {
  const main = join(APPS, app, 'src', 'main.ts');
  const kubeconfig = `--kubeconfig=${apiserver!.kubeconfig()}`;
  children.push(spawn(process.execPath, [main, kubeconfig, ...flags], { stdio: 'ignore' }));
}

describe('with OTEL_EXPORTER_OTLP_ENDPOINT set', () => {
  it('every app sends its spans over HTTP, and a trace goes through several of them', { timeout: 60_000 }, async () => {
    receiver = await receiveOverHttp();
    sendTo(receiver, 'http/protobuf');
    apiserver = await startApiserver();
    const elected = ['--leader-elect=false', '--secure-port=0'];
    start('scheduler', ...elected);
    start('controller-manager', `--service-account-private-key-file=${apiserver.pki.path('sa.key')}`, ...elected);
    start('kubelet', '--nodes=1', '--address=127.0.0.1', '--port=0', '--healthz-port=0');
    const api = new ApiClient(apiserver.kubeconfig());
    const labels = { app: 'traced' };
    const spec = {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    };
    const metadata = { name: 'traced' };
    const { code } = await api.call('POST', DEPLOYMENTS, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec });
    expect(code).toBe(201);
    const { spans } = receiver;
    const services = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'];
    await eventually('spans of all have come', 40_000, async () =>
      services.every((service) => spans.some((span) => span.service === service)),
    );
    // A client's span and the server's, of the same request, in one trace.
    for (const client of services.slice(1)) {
      await eventually(`${client} and the apiserver share a trace`, 20_000, async () => {
        const traces = new Set(spans.filter(({ service }) => service === client).map(({ traceId }) => traceId));
        return spans.some(({ service, traceId }) => service === 'kube-apiserver' && traces.has(traceId));
      });
    }
    api.close();
  });

  it('an apiserver sends them over gRPC as well', { timeout: 30_000 }, async () => {
    receiver = await receiveOverGrpc();
    sendTo(receiver, 'grpc');
    apiserver = await startApiserver();
    const { spans } = receiver;
    await eventually('spans have come', 20_000, async () => spans.some(({ service }) => service === 'kube-apiserver'));
  });
});
