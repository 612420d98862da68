import { isJsonObject } from '../deep/own-property.ts';
import { goFormat, goType } from '../patch/go-format.ts';
import type { ListSchema, Schema } from '../schema/schema.ts';
import { fieldElement, formatFieldPath, formatPathElement, type PathElement } from './path-element.ts';
import { declaredField, type FieldType, itemElement, itemType } from './typing.ts';

/**
 * What keeps an applied configuration from being an object of the schema: unknown fields, values of the wrong type,
 * list items without identity or with the same one. Each text as upstream has it, path first.
 */
export function validateTyped(schema: Schema, object: unknown): string[] {
  const walk = new ValidationWalk();
  walk.validate({ schema }, object);
  return walk.errors;
}

/** Several errors in one message, as upstream lists them. */
export function joinTypedErrors(errors: readonly string[]): string {
  return errors.length === 1 ? errors[0]! : ['errors:', ...errors.map((error) => `  ${error}`)].join('\n');
}

class ValidationWalk {
  readonly errors: string[] = [];
  readonly #path: PathElement[] = [];

  validate(type: FieldType, value: unknown): void {
    if (value === null || value === undefined) return;
    const { schema } = type;
    switch (schema?.type) {
      case 'object':
      case 'map':
        if (isJsonObject(value)) this.#entries(type, value);
        else this.#fail(`expected map, got ${goPointer(value)}`);
        break;
      case 'list':
        if (Array.isArray(value)) this.#items(schema, value);
        else this.#fail(`expected list, got ${goPointer(value)}`);
        break;
      case 'stringList':
        if (!Array.isArray(value)) this.#fail(`expected list, got ${goPointer(value)}`);
        break;
      case 'rawExtension':
      case 'fieldsV1':
        if (!isJsonObject(value)) this.#fail(`expected map, got ${goPointer(value)}`);
        break;
      case 'integer':
      case 'number':
        if (typeof value !== 'number') this.#fail(`expected numeric (int or float), got ${goType(value)}`);
        break;
      case 'string':
      case 'bytes':
      case 'duration':
        if (typeof value !== 'string') this.#fail(`expected string, got ${goSyntax(value)}`);
        break;
      case 'boolean':
        if (typeof value !== 'boolean') this.#fail(`expected boolean, got ${goPointer(value)}`);
        break;
      case 'quantity':
      case 'intOrString':
      case 'time':
      case 'microTime':
        if (typeof value === 'object') this.#fail(`expected any scalar, got ${goPointer(value)}`);
        break;
      default:
    }
  }

  #entries(type: FieldType, value: Record<string, unknown>): void {
    for (const key in value) {
      const field = declaredField(type, key);
      this.#path.push(fieldElement(key));
      if (field === undefined) this.#fail('field not declared in schema');
      else this.validate(field, value[key]);
      this.#path.pop();
    }
  }

  #items(schema: ListSchema, items: readonly unknown[]): void {
    const type = itemType(schema.items);
    const seen = new Set<PathElement>();
    items.forEach((item, position) => {
      let element = `i:${position}`;
      if (schema.listType !== 'atomic') {
        try {
          element = itemElement(schema, item);
        } catch (error) {
          this.#fail(`element ${position}: ${(error as Error).message}`);
          return;
        }
        if (seen.has(element)) this.#fail(`duplicate entries for key ${formatPathElement(element)}`);
        seen.add(element);
      }
      this.#path.push(element);
      this.validate(type, item);
      this.#path.pop();
    });
  }

  #fail(message: string): void {
    const path = formatFieldPath(this.#path);
    this.errors.push(path === '' ? message : `${path}: ${message}`);
  }
}

/** Upstream prints its own wrapper around the value: `&{…}` with `%v`, `&value.valueUnstructured{Value:…}` with `%#v`. */
const goPointer = (value: unknown) => `&{${goFormat(value)}}`;
const goSyntax = (value: unknown) => `&value.valueUnstructured{Value:${goValue(value)}}`;

function goValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goValue).join(', ')}}`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[string]interface {}{${entries.map(([key, item]) => `${JSON.stringify(key)}:${goValue(item)}`).join(', ')}}`;
}
