import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  badRequest,
  decodeJsonPatch,
  decodeMergePatch,
  duplicatesIn,
  goFormat,
  isJsonObject,
  JsonDecodeError,
  jsonKind,
  parseJson,
  sortMerged,
  sortVisited,
  type KubeObject,
  type ObjectSchema,
} from '@pilothouse/apimachinery';

/** How one patch turns a document into another. */
export interface PatchMechanism {
  apply(live: KubeObject): unknown;
  /** The patched document as an error shows it. */
  describe(patched: unknown): string;
  /** What strict decoding of the patch itself complains of. */
  readonly strictErrors: readonly string[];
}

export type JsonPatchType = 'json' | 'merge' | 'strategic';

/** Reads the patch. Throws 400 in upstream's words, and 413 when it has too many operations. */
export function patchMechanism(type: JsonPatchType, text: string, schema: ObjectSchema): PatchMechanism {
  const { value, strictErrors } = readPatch(type, text);
  switch (type) {
    case 'json': {
      const operations = decodeJsonPatch(value);
      return {
        apply: (live) => applyJsonPatch(live, operations),
        describe: (patched) => JSON.stringify(sortVisited(patched, operations)),
        strictErrors: strictErrors.map((error) => `json patch ${error}`),
      };
    }
    case 'merge': {
      const merge = decodeMergePatch(value);
      return {
        apply: (live) => applyMergePatch(live, merge),
        describe: (patched) => JSON.stringify(sortMerged(patched, merge)),
        strictErrors,
      };
    }
    case 'strategic': {
      const merge = decodeStrategicPatch(value);
      return {
        apply: (live) => applyStrategicMergePatch(schema, live, merge),
        describe: () => goFormat(merge),
        strictErrors,
      };
    }
  }
}

function readPatch(type: JsonPatchType, text: string): { value: unknown; strictErrors: readonly string[] } {
  try {
    const parsed = parseJson(text);
    return { value: parsed.value, strictErrors: strictErrorsOf(type, parsed.value, duplicatesIn(text, parsed)) };
  } catch (error) {
    if (!(error instanceof JsonDecodeError)) throw error;
    throw badRequest(type === 'strategic' ? error.message : `error decoding patch: ${error.message}`);
  }
}

const OPERATION_FIELDS = new Set(['op', 'path', 'from', 'value']);

/** Keys that stand twice, and those that an operation of a JSON patch does not have, as they come in the text. */
function strictErrorsOf(
  type: JsonPatchType,
  value: unknown,
  { duplicates, order }: ReturnType<typeof duplicatesIn>,
): readonly string[] {
  const unknown =
    type === 'json' && Array.isArray(value)
      ? value.flatMap((operation, at) =>
          isJsonObject(operation)
            ? Object.keys(operation).flatMap((key) => (OPERATION_FIELDS.has(key) ? [] : [`[${at}].${key}`]))
            : [],
        )
      : [];
  const found = [
    ...duplicates.map((path) => ({ path, error: `duplicate field "${path}"` })),
    ...unknown.map((path) => ({ path, error: `unknown field "${path}"` })),
  ];
  return found.toSorted((a, b) => (order.get(a.path) ?? 0) - (order.get(b.path) ?? 0)).map(({ error }) => error);
}

function decodeStrategicPatch(value: unknown): Record<string, unknown> {
  if (value === null) return {};
  if (isJsonObject(value)) return value;
  throw badRequest(`json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`);
}
