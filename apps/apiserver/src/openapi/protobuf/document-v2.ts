import {
  any,
  boolean,
  double,
  encodeDocument,
  type Encoder,
  entries,
  extensions,
  type Field,
  integer,
  isReference,
  lazy,
  many,
  message,
  one,
  oneOf,
  string,
  strings,
  wrapped,
} from './encoders.ts';

/*
 * The messages of gnostic's openapi.v2 package (github.com/google/gnostic-models, openapiv2/OpenAPIv2.proto) that a
 * Kubernetes document can contain. Field numbers are the wire contract; the names are those of the JSON document.
 */

const externalDocs = message({ description: string(1), url: string(2) }, extensions(3));
const schemaItself: Encoder = lazy(() => schema);
const stringArray = wrapped(strings(1));

const schema: Encoder = message(
  {
    $ref: string(1),
    format: string(2),
    title: string(3),
    description: string(4),
    default: one(5, any),
    multipleOf: double(6),
    maximum: double(7),
    exclusiveMaximum: boolean(8),
    minimum: double(9),
    exclusiveMinimum: boolean(10),
    maxLength: integer(11),
    minLength: integer(12),
    pattern: string(13),
    maxItems: integer(14),
    minItems: integer(15),
    uniqueItems: boolean(16),
    maxProperties: integer(17),
    minProperties: integer(18),
    required: strings(19),
    enum: many(20, any),
    additionalProperties: one(
      21,
      oneOf((value) => (typeof value === 'boolean' ? boolean(2) : one(1, schemaItself))),
    ),
    type: one(22, stringArray),
    items: one(23, wrapped(many(1, schemaItself))),
    allOf: many(24, schemaItself),
    properties: one(25, message({}, entries(1, schemaItself))),
    discriminator: string(26),
    readOnly: boolean(27),
    externalDocs: one(29, externalDocs),
    example: one(30, any),
  },
  extensions(31),
);

/** The kinds of parameter that are not a body share most fields, at numbers that depend on the kind. */
function parameterOf(has: { readonly allowEmptyValue: boolean }): Encoder {
  const shift = has.allowEmptyValue ? 1 : 0;
  return message(
    {
      required: boolean(1),
      in: string(2),
      description: string(3),
      name: string(4),
      ...(has.allowEmptyValue ? { allowEmptyValue: boolean(5) } : {}),
      type: string(5 + shift),
      format: string(6 + shift),
      default: one(9 + shift, any),
      pattern: string(16 + shift),
      uniqueItems: boolean(19 + shift),
      enum: many(20 + shift, any),
    },
    extensions(22 + shift),
  );
}

const bodyParameter = message(
  { description: string(1), name: string(2), in: string(3), required: boolean(4), schema: one(5, schema) },
  extensions(6),
);

const NON_BODY: Readonly<Record<string, Field>> = {
  header: one(1, parameterOf({ allowEmptyValue: false })),
  formData: one(2, parameterOf({ allowEmptyValue: true })),
  query: one(3, parameterOf({ allowEmptyValue: true })),
  path: one(4, parameterOf({ allowEmptyValue: false })),
};
const nonBodyParameter = oneOf((value) => NON_BODY[(value as { in: string }).in]);
const parameter = oneOf((value) =>
  (value as { in: string }).in === 'body' ? one(1, bodyParameter) : one(2, nonBodyParameter),
);
const jsonReference = message({ $ref: string(1), description: string(2) });
const parametersItem = oneOf((value) => (isReference(value) ? one(2, jsonReference) : one(1, parameter)));

const response = message({ description: string(1), schema: one(2, wrapped(one(1, schema))) }, extensions(5));
const responseValue = oneOf((value) => (isReference(value) ? one(2, jsonReference) : one(1, response)));
const responses = message(
  {},
  { number: 1, accepts: (key) => !key.startsWith('x-'), value: responseValue },
  extensions(2),
);

const securityRequirement = message({}, entries(1, stringArray));

const operation = message(
  {
    tags: strings(1),
    summary: string(2),
    description: string(3),
    externalDocs: one(4, externalDocs),
    operationId: string(5),
    produces: strings(6),
    consumes: strings(7),
    parameters: many(8, parametersItem),
    responses: one(9, responses),
    schemes: strings(10),
    deprecated: boolean(11),
    security: many(12, securityRequirement),
  },
  extensions(13),
);

const pathItem = message(
  {
    $ref: string(1),
    get: one(2, operation),
    put: one(3, operation),
    post: one(4, operation),
    delete: one(5, operation),
    options: one(6, operation),
    head: one(7, operation),
    patch: one(8, operation),
    parameters: many(9, parametersItem),
  },
  extensions(10),
);

const apiKeySecurity = message(
  { type: string(1), name: string(2), in: string(3), description: string(4) },
  extensions(5),
);

const document = message(
  {
    swagger: string(1),
    info: one(2, message({ title: string(1), version: string(2), description: string(3) }, extensions(7))),
    host: string(3),
    basePath: string(4),
    schemes: strings(5),
    consumes: strings(6),
    produces: strings(7),
    paths: one(8, message({}, extensions(1), { number: 2, accepts: (key) => key.startsWith('/'), value: pathItem })),
    definitions: one(9, message({}, entries(1, schema))),
    parameters: one(10, message({}, entries(1, parameter))),
    responses: one(11, message({}, entries(1, response))),
    security: many(12, securityRequirement),
    securityDefinitions: one(13, message({}, entries(1, wrapped(one(2, apiKeySecurity))))),
    externalDocs: one(15, externalDocs),
  },
  extensions(16),
);

/** An OpenAPI 2.0 document as gnostic's `openapi.v2.Document`. */
export function encodeDocumentV2(value: object): Buffer {
  return encodeDocument(document, value);
}
