import {
  customResourceSchema,
  FieldError,
  fieldPath,
  isJsonObject,
  NO_PATH,
  pruneObject,
  validateEmbeddedObjects,
  validateListTypes,
  ValueValidator,
  type JsonSchema,
  type KubeObject,
  type ObjectSchema,
} from '@pilothouse/apimachinery';
import { schemaFor, type CustomResourceDefinitionVersion } from '@pilothouse/api';
import { applyDeclaredDefaults } from '../declared-defaults.ts';
import { RuleValidator } from './rules/rule-validator.ts';
import { specScaleErrors, statusScaleErrors } from './scale-errors.ts';

const OBJECT_META = schemaFor('', 'v1', 'ObjectMeta')!;

/**
 * One version of a custom resource, served or not: its schema as a tree, and what validates its objects. Validators are
 * compiled when they are first needed.
 */
export class CustomVersion {
  readonly version: CustomResourceDefinitionVersion;
  readonly schema: ObjectSchema;
  readonly #jsonSchema: JsonSchema;
  #values: ValueValidator | undefined;
  #status: ValueValidator | undefined;
  #rules: RuleValidator | undefined;

  constructor(version: CustomResourceDefinitionVersion) {
    this.version = version;
    // Without a schema nothing is known, so nothing is pruned: CRDs from before structural schemas.
    const openApi = (version.schema?.openAPIV3Schema ?? ANYTHING) as JsonSchema;
    this.#jsonSchema = openApi;
    this.schema = customResourceSchema(openApi, OBJECT_META);
  }

  /** Everything but the metadata, which is validated as that of any object. */
  validate(object: KubeObject, old: KubeObject | undefined, warn: (text: string) => void): FieldError[] {
    this.#values ??= new ValueValidator(this.#jsonSchema);
    const values = old ? this.#values.validateUpdate(object, old) : this.#values.validate(object);
    const scale = this.version.subresources?.scale;
    const scaleErrors = scale ? [...specScaleErrors(object, scale), ...statusScaleErrors(object, scale)] : [];
    return this.#withRules([...values, ...scaleErrors], object, old, warn);
  }

  /** A write to `status` is judged by the schema of the status alone, and by the rules. */
  validateStatus(object: KubeObject, old: KubeObject, warn: (text: string) => void): FieldError[] {
    const schema = this.#jsonSchema.properties?.status;
    if (schema) this.#status ??= new ValueValidator(schema);
    const [status, before] = [statusOf(object), statusOf(old)];
    const values =
      status === undefined || this.#status === undefined
        ? []
        : before === undefined
          ? this.#status.validate(status, STATUS)
          : this.#status.validateUpdate(status, before, STATUS);
    const scale = this.version.subresources?.scale;
    return this.#withRules([...values, ...(scale ? statusScaleErrors(object, scale) : [])], object, old, warn);
  }

  #withRules(
    values: readonly FieldError[],
    object: KubeObject,
    old: KubeObject | undefined,
    warn: (text: string) => void,
  ): FieldError[] {
    const errors = [
      ...values,
      ...validateEmbeddedObjects(this.schema, object),
      // Who has duplicates already may keep them.
      ...(old && validateListTypes(this.schema, old).length > 0 ? [] : validateListTypes(this.schema, object)),
    ];
    this.#rules ??= new RuleValidator(this.schema, this.#jsonSchema);
    if (this.#rules.isEmpty) return errors;
    if (errors.some((error) => BLOCKING.has(error.type))) return [...errors, NOT_CHECKED];
    return [...errors, ...this.#rules.validate(object, old, warn)];
  }
}

/** An object that was converted to a version: without what its schema does not know, with what it declares. */
export function shownIn({ schema }: Pick<CustomVersion, 'schema'>, object: KubeObject): KubeObject {
  const shown = pruneObject(schema, { ...object }).object as KubeObject;
  applyDeclaredDefaults(schema, shown);
  return shown;
}

const ANYTHING: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const STATUS = fieldPath('status');

/** With these the value may have another shape than the rules were compiled for. */
const BLOCKING = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const NOT_CHECKED = new FieldError(
  'FieldValueInvalid',
  NO_PATH.text,
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

function statusOf(object: KubeObject): unknown {
  return isJsonObject(object) ? object.status : undefined;
}
