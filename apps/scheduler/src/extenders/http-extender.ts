import http from 'node:http';
import https from 'node:https';
import type { Node, Pod } from '@pilothouse/api';
import { parseDurationMs } from '@pilothouse/component';
import { tlsOptions, type ExtenderConfiguration } from './extender-configuration.ts';

const DEFAULT_TIMEOUT_MS = 5_000;
/** Extenders score up to this, plugins up to 100. */
export const MAX_EXTENDER_SCORE = 10;

export interface ExtenderFilterResult {
  /** Names of the nodes that the pod may go to. */
  readonly nodeNames: readonly string[];
  /** Why of each other; evicting pods might help. */
  readonly failed: Readonly<Record<string, string>>;
  readonly failedAndUnresolvable: Readonly<Record<string, string>>;
}

/** Pods that could be evicted from a node. */
export interface Proposal {
  readonly nodeName: string;
  readonly victims: readonly { readonly uid: string; readonly pod: Pod }[];
  readonly budgetViolations: number;
}

export interface PreemptionVerdict {
  readonly nodeName: string;
  readonly uids: readonly string[];
  readonly budgetViolations: number;
}

/**
 * A process outside the scheduler that has a say: it narrows and scores the nodes for a pod, judges preemptions, or
 * binds the pod, over HTTP. The
 * bodies are Go structs without JSON names, so their fields are written with capitals and read in any case.
 * https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/#kubescheduler-config-k8s-io-v1-Extender
 */
export class HttpExtender {
  readonly #config: ExtenderConfiguration;
  readonly #agent: http.Agent;
  readonly #managed: ReadonlySet<string>;

  constructor(config: ExtenderConfiguration) {
    this.#config = config;
    const isTls = config.urlPrefix.startsWith('https:');
    this.#agent = isTls
      ? new https.Agent({ keepAlive: true, ...tlsOptions(config) })
      : new http.Agent({ keepAlive: true });
    this.#managed = new Set(config.managedResources?.map(({ name }) => name));
  }

  get name(): string {
    return this.#config.urlPrefix;
  }

  get weight(): number {
    return this.#config.weight ?? 1;
  }

  get isIgnorable(): boolean {
    return this.#config.ignorable ?? false;
  }

  get isBinder(): boolean {
    return Boolean(this.#config.bindVerb);
  }

  get isPreempter(): boolean {
    return Boolean(this.#config.preemptVerb);
  }

  /** All pods, or those that ask for a resource it manages. */
  isInterested({ spec }: Pod): boolean {
    if (this.#managed.size === 0) return true;
    return [...spec.containers, ...(spec.initContainers ?? [])].some(({ resources }) =>
      [...Object.keys(resources?.requests ?? {}), ...Object.keys(resources?.limits ?? {})].some((name) =>
        this.#managed.has(name),
      ),
    );
  }

  async filter(pod: Pod, nodes: readonly Node[]): Promise<ExtenderFilterResult> {
    const { filterVerb, nodeCacheCapable } = this.#config;
    const all = nodes.map(({ metadata }) => metadata.name!);
    if (!filterVerb) return { nodeNames: all, failed: {}, failedAndUnresolvable: {} };
    const result = await this.#post(filterVerb, this.#args(pod, nodes));
    if (result['error']) throw new Error(String(result['error']));
    const items = (result['nodes'] as { items?: readonly Node[] } | undefined)?.items;
    const answered = (nodeCacheCapable ? result['nodenames'] : items?.map(({ metadata }) => metadata.name)) as
      | readonly string[]
      | undefined;
    const known = new Set(all);
    for (const name of answered ?? [])
      if (!known.has(name))
        throw new Error(
          `extender "${this.name}" claims a filtered node "${name}" which is not found in the input node list`,
        );
    return {
      nodeNames: answered ?? [],
      failed: (result['failednodes'] ?? {}) as Record<string, string>,
      failedAndUnresolvable: (result['failedandunresolvablenodes'] ?? {}) as Record<string, string>,
    };
  }

  /** From 0 to 10 by node name; what it does not name has nothing. */
  async prioritize(pod: Pod, nodes: readonly Node[]): Promise<ReadonlyMap<string, number>> {
    const { prioritizeVerb } = this.#config;
    if (!prioritizeVerb) return new Map();
    const list = (await this.#send(prioritizeVerb, this.#args(pod, nodes))) as
      | readonly Record<string, unknown>[]
      | null;
    return new Map((list ?? []).map(lowerCased).map(({ host, score }) => [String(host), Number(score) || 0]));
  }

  /** Of the nodes on which room can be made, those that it agrees to, and the pods that have to go there, by uid. */
  async preempt(pod: Pod, proposals: readonly Proposal[]): Promise<readonly PreemptionVerdict[]> {
    const isShort = this.#config.nodeCacheCapable ?? false;
    const victims = Object.fromEntries(
      proposals.map(({ nodeName, victims: infos, budgetViolations }) => {
        const pods = infos.map((each) => (isShort ? { UID: each.uid } : each.pod));
        return [nodeName, { Pods: pods, NumPDBViolations: budgetViolations }];
      }),
    );
    const result = await this.#post(this.#config.preemptVerb!, {
      Pod: pod,
      NodeNameToVictims: isShort ? null : victims,
      NodeNameToMetaVictims: isShort ? victims : null,
    });
    const answered = (result['nodenametometavictims'] ?? {}) as Record<string, Record<string, unknown>>;
    return Object.entries(answered).map(([nodeName, each]) => {
      const { pods, numpdbviolations } = lowerCased(each);
      const uids = ((pods ?? []) as readonly Record<string, unknown>[]).map((entry) =>
        String(lowerCased(entry)['uid']),
      );
      return { nodeName, uids, budgetViolations: Number(numpdbviolations) || 0 };
    });
  }

  async bind({ metadata }: Pod, nodeName: string): Promise<void> {
    const { name, namespace, uid } = metadata;
    const body = { PodName: name, PodNamespace: namespace, PodUID: uid, Node: nodeName };
    const { error } = await this.#post(this.#config.bindVerb!, body);
    if (error) throw new Error(String(error));
  }

  close(): void {
    this.#agent.destroy();
  }

  #args(pod: Pod, nodes: readonly Node[]): object {
    return this.#config.nodeCacheCapable
      ? { Pod: pod, Nodes: null, NodeNames: nodes.map(({ metadata }) => metadata.name) }
      : { Pod: pod, Nodes: { kind: 'NodeList', apiVersion: 'v1', metadata: {}, items: nodes }, NodeNames: null };
  }

  async #post(verb: string, body: object): Promise<Record<string, unknown>> {
    return lowerCased((await this.#send(verb, body)) as Record<string, unknown>);
  }

  #send(verb: string, body: object): Promise<unknown> {
    const url = `${this.#config.urlPrefix.replace(/\/+$/, '')}/${verb}`;
    const timeout = parseDurationMs(this.#config.httpTimeout ?? '') ?? DEFAULT_TIMEOUT_MS;
    const { request } = url.startsWith('https:') ? https : http;
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const sent = request(url, { method: 'POST', agent: this.#agent, headers, signal: AbortSignal.timeout(timeout) });
      sent.on('error', reject);
      sent.on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 200)
            return reject(new Error(`failed ${verb} with extender at URL ${url}, code ${response.statusCode}`));
          try {
            resolve(JSON.parse(Buffer.concat(parts).toString('utf8')));
          } catch (error) {
            reject(error as Error);
          }
        });
      });
      sent.end(JSON.stringify(body));
    });
  }
}

function lowerCased(object: Record<string, unknown> | null): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object ?? {}).map(([key, value]) => [key.toLowerCase(), value]));
}
