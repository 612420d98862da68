import { deepEqual } from '@pilothouse/apimachinery';

type Node = Record<string, unknown>;

/** An OpenAPI v2 document, as far as merging looks into it. */
export interface DocumentV2 {
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly definitions?: Readonly<Record<string, unknown>>;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

const DEFINITIONS = '#/definitions/';
const PARAMETERS = '#/parameters/';

/**
 * One document out of ours and an extension server's: its paths below `prefix`, and what these refer to. What both call
 * by one name without meaning the same gets a name of its own (`name_v2`, `name_v3` …). Upstream: kube-openapi,
 * pkg/aggregator, MergeSpecsIgnorePathConflictRenamingDefinitionsAndParameters.
 */
export function mergeDocuments<T extends DocumentV2>(own: T, other: DocumentV2, prefix: string): T {
  const paths = Object.entries(other.paths ?? {}).filter(
    ([path]) => (path === prefix || path.startsWith(`${prefix}/`)) && own.paths?.[path] === undefined,
  );
  const used = referencesFrom(paths, other);
  const definitions = namesFor(used, DEFINITIONS, own.definitions, other.definitions);
  const parameters = namesFor(used, PARAMETERS, own.parameters, other.parameters);
  const references = new Map(
    [...definitions, ...parameters].map(([reference, { renamed }]) => [reference, renamed] as const),
  );
  const moved = (entries: typeof definitions, start: string) =>
    Object.fromEntries(
      [...entries.values()].map(({ renamed, value }) => [
        renamed.slice(start.length),
        withReferences(value, references),
      ]),
    );
  return {
    ...own,
    paths: { ...own.paths, ...(withReferences(Object.fromEntries(paths), references) as object) },
    definitions: { ...own.definitions, ...moved(definitions, DEFINITIONS) },
    ...(own.parameters || parameters.size > 0
      ? { parameters: { ...own.parameters, ...moved(parameters, PARAMETERS) } }
      : {}),
  };
}

/** Everything that is referred to from `start`, directly or by way of others. */
function referencesFrom(start: unknown, document: DocumentV2): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    for (const reference of referencesIn(value)) {
      if (found.has(reference)) continue;
      found.add(reference);
      visit(lookUp(document, reference));
    }
  };
  visit(start);
  return found;
}

function* referencesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const each of value) yield* referencesIn(each);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      if (key === '$ref' && typeof each === 'string') yield each;
      else yield* referencesIn(each);
    }
  }
}

function lookUp(document: DocumentV2, reference: string): unknown {
  if (reference.startsWith(DEFINITIONS)) return document.definitions?.[reference.slice(DEFINITIONS.length)];
  return document.parameters?.[reference.slice(PARAMETERS.length)];
}

/** For each reference to something the other document has: the reference it becomes, and what it stands for. */
function namesFor(
  references: ReadonlySet<string>,
  start: string,
  own: Readonly<Record<string, unknown>> = {},
  other: Readonly<Record<string, unknown>> = {},
): Map<string, { readonly renamed: string; readonly value: unknown }> {
  const names = new Map<string, { renamed: string; value: unknown }>();
  const taken = new Set([...Object.keys(own), ...Object.keys(other)]);
  for (const reference of references) {
    if (!reference.startsWith(start)) continue;
    const name = reference.slice(start.length);
    const value = other[name];
    if (value === undefined) continue;
    let renamed = name;
    if (own[name] !== undefined && !deepEqual(own[name], value)) {
      for (let at = 2; taken.has(renamed); at++) renamed = `${name}_v${at}`;
      taken.add(renamed);
    }
    names.set(reference, { renamed: start + renamed, value });
  }
  return names;
}

function withReferences(value: unknown, references: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => withReferences(each, references));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Node).map(([key, each]) => [
      key,
      key === '$ref' && typeof each === 'string' ? (references.get(each) ?? each) : withReferences(each, references),
    ]),
  );
}
