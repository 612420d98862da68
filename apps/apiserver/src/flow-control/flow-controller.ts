import type { FlowSchema, PriorityLevelConfiguration } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';
import type { UserInfo } from '../authentication/user-info.ts';
import { LiveObjects } from '../registry/live-objects.ts';
import type { Resources } from '../registry/resources.ts';
import type { RequestInfo } from '../request-info.ts';
import { matcherOf } from './matches-schema.ts';
import { planConfiguration } from './plan-configuration.ts';
import { PriorityLevel } from './priority-level.ts';
import { nominalLimits, planCurrentSeats } from './share-seats.ts';
import { dealHand } from './shuffle-shard.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
/** How often seats are lent anew; upstream's figure. */
const BORROWING_PERIOD_MS = 10_000;
/** Of one schema; beyond it hands are dealt again. */
const MOST_HANDS = 4_096;

/** A flow schema at work. */
export interface ActiveSchema {
  readonly name: string;
  readonly uid: string;
  readonly level: PriorityLevel;
  readonly matches: (info: RequestInfo, user: UserInfo) => boolean;
  readonly distinguisherOf: (info: RequestInfo, user: UserInfo) => string;
  /** The queues that the requests of a flow may wait in, by its distinguisher. */
  readonly hands: Map<string, readonly number[]>;
}

/**
 * Which requests belong together and how many of them are worked on at once: the stored FlowSchemas and
 * PriorityLevelConfigurations, in force as soon as they change.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
export class FlowController {
  readonly levels = new Map<string, PriorityLevel>();
  readonly #totalSeats: number;
  readonly #clock: Clock;
  readonly #storedLevels: LiveObjects<PriorityLevelConfiguration>;
  readonly #storedSchemas: LiveObjects<FlowSchema>;
  #schemas: readonly ActiveSchema[] = [];
  #fairFraction = 1;
  #isPlanned = false;
  #cancelBorrowing: () => void;

  /** `totalSeats`: of all priority levels together, what is exempt aside. */
  constructor(resources: Resources, totalSeats: number, clock: Clock) {
    this.#totalSeats = totalSeats;
    this.#clock = clock;
    const onChange = () => this.#digestSoon();
    const storeOf = (resource: string) => resources.get(GROUP, resource).registry.store;
    this.#storedLevels = new LiveObjects(storeOf('prioritylevelconfigurations'), onChange);
    this.#storedSchemas = new LiveObjects(storeOf('flowschemas'), onChange);
    this.#digest();
    this.#cancelBorrowing = clock.after(BORROWING_PERIOD_MS, () => this.#borrow());
  }

  /** When the stored configuration is in force; until then the mandatory one is. */
  async ready(): Promise<void> {
    await Promise.all([this.#storedLevels.ready, this.#storedSchemas.ready]);
    this.#digest();
  }

  close(): void {
    this.#cancelBorrowing();
    this.#storedLevels.close();
    this.#storedSchemas.close();
  }

  get fairFraction(): number {
    return this.#fairFraction;
  }

  /** The first schema that fits; the last one, `catch-all`, fits everybody. */
  classify(info: RequestInfo, user: UserInfo): ActiveSchema {
    for (const schema of this.#schemas) if (schema.matches(info, user)) return schema;
    return this.#schemas.at(-1)!;
  }

  handOf({ name, level, hands }: ActiveSchema, distinguisher: string): readonly number[] {
    let hand = hands.get(distinguisher);
    if (hand === undefined) {
      const queuing = level.spec.limited?.limitResponse?.queuing;
      hand = queuing ? dealHand(`${name}\0${distinguisher}`, queuing.queues, queuing.handSize) : [];
      if (hands.size >= MOST_HANDS) hands.clear();
      hands.set(distinguisher, hand);
    }
    return hand;
  }

  /** Called when a request is done: a level whose object is gone goes with its last request. */
  left(level: PriorityLevel): void {
    if (level.quiescing && level.queues.isIdle) this.#digestSoon();
  }

  #digestSoon(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      this.#digest();
    });
  }

  #digest(): void {
    const { levels, schemas } = planConfiguration(this.#storedLevels.values(), this.#storedSchemas.values());
    const wanted = new Map(levels.map((each) => [each.metadata.name!, each]));
    for (const [name, level] of this.levels) {
      level.quiescing = !wanted.has(name);
      if (level.quiescing && level.queues.isIdle) this.levels.delete(name);
    }
    for (const each of levels) {
      const level = this.levels.get(each.metadata.name!) ?? this.#newLevel(each);
      level.spec = each.spec;
      level.uid = each.metadata.uid ?? '';
    }
    const specs = new Map([...this.levels].map(([name, { spec }]) => [name, spec]));
    const limits = nominalLimits(this.#totalSeats, specs);
    for (const [name, level] of this.levels) level.configure(level.spec, limits.get(name)!);
    this.#schemas = schemas.map((each) => activeSchema(each, this.levels));
  }

  #newLevel(object: PriorityLevelConfiguration): PriorityLevel {
    const level = new PriorityLevel(object, () => this.#clock.monotonicMs());
    this.levels.set(level.name, level);
    return level;
  }

  #borrow(): void {
    const levels = [...this.levels.values()];
    const { current, target, fairFraction } = planCurrentSeats(levels.map((level) => level.takeDemand()));
    this.#fairFraction = fairFraction;
    levels.forEach((level, i) => {
      level.target = target[i]!;
      if (level.queues.limit !== current[i]) level.queues.limit = current[i]!;
    });
    this.#cancelBorrowing = this.#clock.after(BORROWING_PERIOD_MS, () => this.#borrow());
  }
}

function activeSchema(schema: FlowSchema, levels: ReadonlyMap<string, PriorityLevel>): ActiveSchema {
  const { metadata, spec } = schema;
  return {
    name: metadata.name!,
    uid: metadata.uid ?? '',
    level: levels.get(spec.priorityLevelConfiguration.name)!,
    matches: matcherOf(schema),
    distinguisherOf: DISTINGUISHERS[spec.distinguisherMethod?.type ?? ''] ?? (() => ''),
    hands: new Map(),
  };
}

const DISTINGUISHERS: Readonly<Record<string, ActiveSchema['distinguisherOf']>> = {
  ByUser: (_info, user) => user.name,
  ByNamespace: (info) => info.namespace,
};
