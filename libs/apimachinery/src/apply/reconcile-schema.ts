import type { Schema } from '../schema/schema.ts';
import { FieldSet } from './field-set.ts';
import { fieldsOf } from './fields-of.ts';
import type { PathElement } from './path-element.ts';
import { DEDUCED, type FieldType, fieldType, itemType } from './typing.ts';

/**
 * A set that was written when the schema was another: owners of single items of what has become atomic now own it
 * whole, and owners of what was atomic now own each of its items. Only CRDs change so. Returns the set itself when
 * nothing changed.
 *
 * Whoever owned a map when it was empty looks like the owner of an atomic one. So if `everyone` (what all managers
 * own) has something below a path, it was granular all along and nothing is given away there; upstream does give.
 */
export function reconcileWithSchema(schema: Schema, fields: FieldSet, live: unknown, everyone: FieldSet): FieldSet {
  const walk = new ReconcileWalk(schema, live);
  walk.visit({ schema }, fields, everyone, false);
  if (walk.toRemove.isEmpty && walk.toAdd.isEmpty) return fields;
  return fields.recursiveDifference(walk.toRemove).union(walk.toAdd);
}

class ReconcileWalk {
  readonly toRemove = new FieldSet();
  readonly toAdd = new FieldSet();
  readonly #path: PathElement[] = [];
  readonly #schema: Schema;
  readonly #live: unknown;
  #liveFields: FieldSet | undefined;

  constructor(schema: Schema, live: unknown) {
    this.#schema = schema;
    this.#live = live;
  }

  /** `whole`: the path is in the set itself and nothing below it is, as if it were atomic. */
  visit(type: FieldType, fields: FieldSet | undefined, everyone: FieldSet | undefined, whole: boolean): void {
    const granularity = granularityOf(type);
    if (granularity === 'atomic' && !whole && fields !== undefined && !fields.isEmpty) {
      this.toRemove.insert(this.#path);
      this.toAdd.insert(this.#path);
      return;
    }
    if (granularity === 'granular' && whole && everyone === undefined) this.#addGranular();
    if (fields === undefined || granularity === undefined) return;
    for (const element of new Set([...fields.children.keys(), ...fields.members])) {
      const child = fields.children.get(element);
      this.#path.push(element);
      const whole = fields.members.has(element) && child === undefined;
      this.visit(childType(type, element), child, everyone?.children.get(element), whole);
      this.#path.pop();
    }
  }

  #addGranular(): void {
    this.#liveFields ??= fieldsOf(this.#schema, this.#live);
    let [source, target]: [FieldSet | undefined, FieldSet] = [this.#liveFields, this.toAdd];
    for (const element of this.#path) {
      source = source?.children.get(element);
      if (source === undefined) return;
      target = target.descend(element);
    }
    for (const member of source.members) target.members.add(member);
    for (const [element, child] of source.children) target.attach(element, child);
  }
}

function granularityOf({ schema, structType }: FieldType): 'atomic' | 'granular' | undefined {
  switch (schema?.type) {
    case 'list':
      return schema.listType === 'atomic' ? 'atomic' : 'granular';
    case 'map':
      return schema.mapType;
    case 'object':
      return structType ?? (schema.atomic ? 'atomic' : 'granular');
    default:
      return undefined;
  }
}

function childType(type: FieldType, element: PathElement): FieldType {
  if (element.startsWith('f:')) return fieldType(type, element.slice(2));
  return type.schema?.type === 'list' ? itemType(type.schema.items) : DEDUCED;
}
