import { deepClone } from '../deep/deep-clone.ts';
import { deepEqual } from '../deep/deep-equal.ts';
import { getOwn, isJsonObject, setOwn } from '../deep/own-property.ts';
import { badRequest, requestEntityTooLarge } from '../errors/status-error.ts';
import { jsonKind, unprocessablePatch } from './patch-error.ts';

/** One step of a JSON Patch, RFC 6902. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test' | string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

const MAX_OPERATIONS = 10_000;
/** What all `copy` operations of one patch may add together: copying a copy grows exponentially. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

/** Checks the shape of a parsed patch. Throws 400 when it is no list of operations, 413 when it is too long. */
export function decodeJsonPatch(value: unknown): readonly JsonPatchOperation[] {
  if (value === null) return [];
  if (!Array.isArray(value)) {
    const message = `json: cannot unmarshal ${jsonKind(value)} into Go value of type []handlers.jsonPatchOp`;
    throw badRequest(`error decoding patch: ${message}`);
  }
  for (const operation of value) {
    if (isJsonObject(operation)) continue;
    const message = `json: cannot unmarshal ${jsonKind(operation)} into Go value of type handlers.jsonPatchOp`;
    throw badRequest(`error decoding patch: ${message}`);
  }
  if (value.length > MAX_OPERATIONS) {
    throw requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${value.length}`,
    );
  }
  return value;
}

/**
 * The document after all operations; the given one stays as it is. Throws 422 when an operation does not apply or a
 * test fails, and then nothing is applied. Beyond the RFC, and like upstream: `replace` on an object creates what is
 * missing, a missing value tests equal to null, negative indices count from the end.
 */
export function applyJsonPatch(document: unknown, patch: readonly JsonPatchOperation[]): unknown {
  const root = { document: deepClone(document) };
  let copiedBytes = 0;
  for (const operation of patch) {
    switch (operation.op) {
      case 'add':
        add(locate(root.document, pathOf(operation)), deepClone(operation.value ?? null));
        break;
      case 'remove':
        remove(locate(root.document, pathOf(operation)));
        break;
      case 'replace':
        if (pathOf(operation) === '') root.document = replacementRoot(operation.value);
        else replace(locate(root.document, pathOf(operation)), operation.value);
        break;
      case 'move': {
        const source = locate(root.document, fromOf(operation));
        const value = read(source) ?? null;
        remove(source);
        // Moved, not copied: a patch may move a large value thousands of times.
        add(locate(root.document, pathOf(operation)), value);
        break;
      }
      case 'copy': {
        const value = read(locate(root.document, fromOf(operation))) ?? null;
        const target = locate(root.document, pathOf(operation));
        copiedBytes += Buffer.byteLength(JSON.stringify(value));
        if (copiedBytes > MAX_COPIED_BYTES) {
          throw unprocessablePatch(`copy operations add ${copiedBytes} bytes, more than ${MAX_COPIED_BYTES}`);
        }
        add(target, deepClone(value));
        break;
      }
      case 'test': {
        const path = pathOf(operation);
        const actual = path === '' ? root.document : read(locate(root.document, path));
        if (!deepEqual(actual ?? null, operation.value ?? null))
          throw unprocessablePatch(`testing value ${path} failed`);
        break;
      }
      default:
        throw unprocessablePatch(`Unexpected kind: ${operation.op}`);
    }
  }
  return root.document;
}

/** A place in a container: where an operation reads or writes. */
interface Place {
  readonly container: Record<string, unknown> | unknown[];
  readonly key: string;
}

function pathOf({ path }: JsonPatchOperation): string {
  if (typeof path !== 'string') throw unprocessablePatch('operation missing path field');
  return path;
}

function fromOf({ from }: JsonPatchOperation): string {
  if (typeof from !== 'string') throw unprocessablePatch('operation missing from field');
  return from;
}

function locate(document: unknown, pointer: string): Place {
  const steps = pointer.split('/').slice(1).map(unescapeStep);
  const key = steps.pop();
  let container = document;
  for (const step of steps) {
    container = Array.isArray(container) ? container[indexIn(container, step)] : getOwn(asObject(container), step);
  }
  if (key === undefined || typeof container !== 'object' || container === null) {
    throw unprocessablePatch(`doc is missing path: "${pointer}"`);
  }
  return { container: container as Place['container'], key };
}

const asObject = (value: unknown) => (isJsonObject(value) ? value : undefined);

/** RFC 6901: `~1` is a slash, `~0` a tilde. */
function unescapeStep(step: string): string {
  return step.includes('~') ? step.replaceAll('~1', '/').replaceAll('~0', '~') : step;
}

function read({ container, key }: Place): unknown {
  return Array.isArray(container) ? container[indexIn(container, key)] : getOwn(container, key);
}

function add({ container, key }: Place, item: unknown): void {
  if (!Array.isArray(container)) setOwn(container, key, item);
  else if (key === '-') container.push(item);
  else container.splice(index(key, container.length + 1), 0, item);
}

function replace({ container, key }: Place, value: unknown): void {
  const item = deepClone(value ?? null);
  if (Array.isArray(container)) container[indexIn(container, key)] = item;
  else setOwn(container, key, item);
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(indexIn(container, key), 1);
  else if (Object.hasOwn(container, key)) Reflect.deleteProperty(container, key);
  else throw unprocessablePatch(`Unable to remove nonexistent key: ${key}`);
}

function replacementRoot(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return deepClone(value);
  throw unprocessablePatch('replace operation value must be object or array');
}

const indexIn = (list: readonly unknown[], key: string) => index(key, list.length);

/** A position below `length`, where negative ones count from there. */
function index(key: string, length: number): number {
  const position = /^[+-]?[0-9]+$/.test(key) ? Number(key) : Number.NaN;
  const actual = position < 0 ? position + length : position;
  if (actual >= 0 && actual < length) return actual;
  throw unprocessablePatch(`Unable to access invalid index: ${key}`);
}
