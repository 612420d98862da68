import type { Clock, Health } from '@pilothouse/component';

/** What a starting server reaches, beside its bootstrap steps. */
export type Milestone = 'caches' | 'flowControl' | 'customResources' | 'kubernetesService' | 'aggregator';

/**
 * Upstream's post-start hooks, by which others ask for them at `/readyz/poststarthook/<name>`, and what of this server each
 * stands for. https://kubernetes.io/docs/reference/using-api/health-checks/
 */
const BEFORE_BOOTSTRAP: readonly (readonly [hook: string, milestone: Milestone])[] = [
  ['start-apiserver-admission-initializer', 'caches'],
  ['generic-apiserver-start-informers', 'caches'],
  ['priority-and-fairness-config-consumer', 'flowControl'],
  ['priority-and-fairness-filter', 'flowControl'],
  ['storage-object-count-tracker-hook', 'caches'],
  ['start-apiextensions-informers', 'customResources'],
  ['start-apiextensions-controllers', 'customResources'],
  ['crd-informer-synced', 'customResources'],
];

const AFTER_BOOTSTRAP: readonly (readonly [hook: string, milestone: Milestone])[] = [
  ['bootstrap-controller', 'kubernetesService'],
  ['start-kubernetes-service-cidr-controller', 'kubernetesService'],
  ['start-kube-aggregator-informers', 'aggregator'],
  ['apiservice-status-local-available-controller', 'aggregator'],
  ['apiservice-status-remote-available-controller', 'aggregator'],
  ['apiservice-registration-controller', 'aggregator'],
  ['apiservice-discovery-controller', 'aggregator'],
  ['kube-apiserver-autoregistration', 'aggregator'],
  ['apiservice-openapi-controller', 'aggregator'],
  ['apiservice-openapiv3-controller', 'aggregator'],
];

export interface BootSequenceOptions {
  readonly health: Health;
  readonly clock: Clock;
  /** For so long after its start a server that is still starting counts as alive. */
  readonly livezGraceMs: number;
  /** By the names of upstream's hooks. */
  readonly bootstrapSteps: readonly string[];
  /** Those that this server does without. */
  readonly without: readonly Milestone[];
}

/** How far the server has come, as its health checks tell. */
export class BootSequence {
  readonly #reached = new Set<string>();
  readonly #options: BootSequenceOptions;
  readonly #startMs: number;

  constructor(options: BootSequenceOptions) {
    this.#options = options;
    this.#startMs = options.clock.monotonicMs();
    const { bootstrapSteps, without } = options;
    const steps = bootstrapSteps.map((step) => [step, step] as const);
    for (const [hook, milestone] of [...BEFORE_BOOTSTRAP, ...steps, ...AFTER_BOOTSTRAP]) {
      if (!without.some((each) => each === milestone))
        this.#addCheck(`poststarthook/${hook}`, milestone, 'not finished');
    }
    this.#addCheck('autoregister-completion', 'aggregator', 'missing APIServices');
  }

  reached(milestone: string): void {
    this.#reached.add(milestone);
  }

  #addCheck(name: string, milestone: string, why: string): void {
    const { health, clock, livezGraceMs } = this.#options;
    const check = (): void => {
      if (!this.#reached.has(milestone)) throw new Error(why);
    };
    health.addCheck({ name, on: ['healthz', 'readyz'], check });
    health.addCheck({
      name,
      on: ['livez'],
      check: () => (clock.monotonicMs() - this.#startMs < livezGraceMs ? undefined : check()),
    });
  }
}
