import { isNotFound } from '@pilothouse/apimachinery';
import type { FlowSchema, PriorityLevelConfiguration } from '@pilothouse/api';
import type { Clock, Logger } from '@pilothouse/component';
import { LiveObjects } from '../registry/live-objects.ts';
import { formatTime } from '../registry/metadata.ts';
import type { ObjectRegistry } from '../registry/object-registry.ts';
import type { Resources } from '../registry/resources.ts';
import { systemContext } from '../bootstrap/system-context.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
const DANGLING = 'Dangling';

/** Says on every FlowSchema whether the priority level it names exists: its condition `Dangling`. */
export class FlowSchemaStatus {
  readonly #registry: ObjectRegistry;
  readonly #schemas: LiveObjects<FlowSchema>;
  readonly #levels: LiveObjects<PriorityLevelConfiguration>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #started = false;

  constructor(resources: Resources, clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#registry = resources.get(GROUP, 'flowschemas').registry;
    this.#schemas = new LiveObjects<FlowSchema>(this.#registry.store, (_before, after) => {
      if (after && this.#started) void this.#reconcile(after);
    });
    this.#levels = new LiveObjects<PriorityLevelConfiguration>(
      resources.get(GROUP, 'prioritylevelconfigurations').registry.store,
      (before, after) => {
        if (this.#started && (before === undefined) !== (after === undefined)) this.#reconcileAll();
      },
    );
  }

  async start(): Promise<void> {
    await Promise.all([this.#schemas.ready, this.#levels.ready]);
    this.#started = true;
    this.#reconcileAll();
  }

  close(): void {
    this.#started = false;
    this.#schemas.close();
    this.#levels.close();
  }

  #reconcileAll(): void {
    for (const schema of this.#schemas.values()) void this.#reconcile(schema);
  }

  async #reconcile(schema: FlowSchema): Promise<void> {
    const now = this.#clock.now();
    const exists = (name: string) => this.#levels.get(`/${name}`) !== undefined;
    if (planStatus(schema, exists, now) === schema) return;
    try {
      const key = { namespace: '', name: schema.metadata.name ?? '' };
      await this.#registry.update(
        key,
        (current) => planStatus(current!.object as FlowSchema, exists, now),
        systemContext(now),
        {
          subresource: { name: 'status', verbs: ['update'] },
          allowUnconditional: true,
        },
      );
    } catch (error) {
      if (!isNotFound(error)) this.#logger.warn({ err: error }, 'Could not write the status of a FlowSchema');
    }
  }
}

/** Pure: the schema with its condition brought up to date; the same object when it says so already. */
export function planStatus(schema: FlowSchema, levelExists: (name: string) => boolean, now: Date): FlowSchema {
  const name = schema.spec?.priorityLevelConfiguration?.name ?? '';
  const found = levelExists(name);
  const status = found ? 'False' : 'True';
  const conditions = schema.status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === DANGLING);
  const what = `This FlowSchema references the PriorityLevelConfiguration object named "${name}"`;
  const message = `${what} ${found ? 'and it exists' : 'but there is no such object'}`;
  if (before?.status === status && before.message === message) return schema;
  const condition = {
    type: DANGLING,
    status,
    lastTransitionTime: formatTime(now),
    reason: found ? 'Found' : 'NotFound',
    message,
  };
  return {
    ...schema,
    status: { ...schema.status, conditions: [...conditions.filter((each) => each !== before), condition] },
  };
}
