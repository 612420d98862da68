import type { Device, DeviceAttribute, DeviceSelector } from '@pilothouse/api';
import {
  deviceEnvironment,
  LiteralMap,
  quantityValue,
  semverValue,
  type MapValue,
  type Program,
  type Value,
} from '@pilothouse/cel';

/** Upstream's limit for one evaluation. */
const COST_LIMIT = 1_000_000;
/** Expressions of classes and claims are few, and used for every device of every node. */
const MAX_PROGRAMS = 1000;
const programs = new Map<string, Program>();

/**
 * Whether a device satisfies all selectors. Throws what an expression throws: upstream takes that for a mistake in the
 * claim or class, not for a device that does not match.
 * https://kubernetes.io/docs/reference/using-api/cel/#resource-constraints
 */
export function matchesSelectors(device: Value, selectors: readonly DeviceSelector[]): boolean {
  return selectors.every(
    ({ cel }) => cel === undefined || programOf(cel.expression).evaluate({ device }, COST_LIMIT) === true,
  );
}

function programOf(expression: string): Program {
  let program = programs.get(expression);
  if (!program) {
    program = deviceEnvironment.compile(expression);
    if (programs.size >= MAX_PROGRAMS) programs.delete(programs.keys().next().value!);
    programs.set(expression, program);
  }
  return program;
}

/** The device as expressions see it: attributes and capacities by domain, a missing domain being the driver's. */
export function deviceValue(device: Device, driver: string): Value {
  const attributes = new Map<string, LiteralMap>();
  const capacity = new Map<string, LiteralMap>();
  const put = (domains: Map<string, LiteralMap>, id: string, value: Value): void => {
    const slash = id.indexOf('/');
    const domain = slash < 0 ? driver : id.slice(0, slash);
    let names = domains.get(domain);
    if (!names) domains.set(domain, (names = new LiteralMap()));
    names.set(id.slice(slash + 1), value);
  };
  for (const [id, attribute] of Object.entries(device.attributes ?? {})) put(attributes, id, attributeValue(attribute));
  for (const [id, { value }] of Object.entries(device.capacity ?? {})) put(capacity, id, quantityValue(value));
  const fields = new Map<Value, Value>([
    ['driver', driver],
    ['attributes', new Domains(attributes)],
    ['capacity', new Domains(capacity)],
    ['allowMultipleAllocations', device.allowMultipleAllocations ?? false],
  ]);
  return {
    isMap: true,
    typeName: 'kubernetes.DRADevice',
    size: fields.size,
    get: (key) => fields.get(key),
    has: (key) => fields.has(key),
    keys: () => fields.keys(),
  };
}

function attributeValue({ int, bool, string, version, ints, bools, strings, versions }: DeviceAttribute): Value {
  if (int !== undefined) return BigInt(int);
  if (bool !== undefined) return bool;
  if (version !== undefined) return semverValue(version);
  if (ints) return ints.map(BigInt);
  if (bools) return bools;
  if (strings) return strings;
  if (versions) return versions.map((text) => semverValue(text));
  return string ?? '';
}

/** A domain that the device has nothing of is empty, so that only looking up a name in it fails. */
class Domains implements MapValue {
  readonly isMap = true;
  readonly #domains: ReadonlyMap<string, LiteralMap>;

  constructor(domains: ReadonlyMap<string, LiteralMap>) {
    this.#domains = domains;
  }

  get size(): number {
    return this.#domains.size;
  }

  get(key: Value): Value {
    return this.#domains.get(String(key)) ?? new LiteralMap();
  }

  has(key: Value): boolean {
    return this.#domains.has(String(key));
  }

  keys(): Iterable<Value> {
    return this.#domains.keys();
  }
}
