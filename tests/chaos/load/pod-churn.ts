import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../cluster/api-client.ts';

const PATH = '/apis/apps/v1/namespaces/default/deployments';
const NAME = 'churn';
const SIZES = [4, 16];
const PAUSE_MS = 1_500;

/** A Deployment that grows and shrinks all the time, so that there are always pods to make, bind, run and remove. */
export class PodChurn {
  readonly #api: ApiClient;
  #stopped = false;
  #running: Promise<void> | undefined;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async start(): Promise<void> {
    const labels = { app: NAME };
    const container = { name: 'c', image: 'nginx', resources: { requests: { cpu: '10m' } } };
    const { code, body } = await this.#api.call('POST', PATH, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: NAME },
      spec: {
        replicas: SIZES[0],
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
      },
    });
    if (code !== 201) throw new Error(`${code}: ${body['message']}`);
    this.#running = this.#churn();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async ready(): Promise<{ wanted: number; ready: number; total: number }> {
    const { body } = await this.#api.call('GET', `${PATH}/${NAME}`);
    const { spec, status, metadata } = body as any;
    if (status.observedGeneration !== metadata.generation) return { wanted: spec.replicas, ready: -1, total: -1 };
    return { wanted: spec.replicas, ready: status.readyReplicas ?? 0, total: status.replicas ?? 0 };
  }

  async scale(replicas: number): Promise<void> {
    const type = 'application/merge-patch+json';
    const { code } = await this.#api.call('PATCH', `${PATH}/${NAME}`, { spec: { replicas } }, type);
    if (code !== 200) throw new Error(String(code));
  }

  async #churn(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      await this.scale(SIZES[turn % SIZES.length]!).catch(() => undefined);
      await sleep(PAUSE_MS);
    }
  }
}
