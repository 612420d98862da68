import type { KubeClient } from '@pilothouse/client';
import type { Clock, Logger } from '@pilothouse/component';
import type { NodeSummary } from './node-summary.ts';

/** Kubelets asked at once. */
const CONCURRENCY = 16;

/** What kubelets say, asked through the apiserver's node proxy and remembered for a while. */
export class Scraper {
  private readonly client: KubeClient;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly resolutionMs: number;
  private readonly known = new Map<
    string,
    { readonly atMs: number; readonly summary: Promise<NodeSummary | undefined> }
  >();

  constructor(options: { client: KubeClient; clock: Clock; logger: Logger; resolutionMs: number }) {
    this.client = options.client;
    this.clock = options.clock;
    this.logger = options.logger;
    this.resolutionMs = options.resolutionMs;
  }

  /** By node name; nodes that do not answer are left out. */
  async summaries(nodeNames: readonly string[]): Promise<ReadonlyMap<string, NodeSummary>> {
    const found = new Map<string, NodeSummary>();
    const waiting = [...nodeNames];
    const work = async (): Promise<void> => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        const summary = await this.summary(name);
        if (summary) found.set(name, summary);
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, nodeNames.length) }, work));
    return found;
  }

  private summary(name: string): Promise<NodeSummary | undefined> {
    const nowMs = this.clock.monotonicMs();
    const known = this.known.get(name);
    if (known && nowMs - known.atMs < this.resolutionMs) return known.summary;
    const summary = this.scrape(name);
    this.known.set(name, { atMs: nowMs, summary });
    return summary;
  }

  private async scrape(name: string): Promise<NodeSummary | undefined> {
    try {
      const node = encodeURIComponent(name);
      // A simulated kubelet may play many nodes at one address; a real one overlooks the parameter.
      const path = `/api/v1/nodes/${node}/proxy/stats/summary?node=${node}`;
      const { status, body } = await this.client.raw('GET', path);
      if (status !== 200) throw new Error(`the kubelet of ${name} answers ${status}: ${body.toString().slice(0, 200)}`);
      return JSON.parse(body.toString()) as NodeSummary;
    } catch (error) {
      this.logger.warn({ node: name, err: error }, 'Failed to scrape node');
      return undefined;
    }
  }
}
