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
 * The messages of gnostic's openapi.v3 package (github.com/google/gnostic-models, openapiv3/OpenAPIv3.proto) that a
 * Kubernetes document can contain. Field numbers are the wire contract; the names are those of the JSON document.
 */

const reference = message({ $ref: string(1), summary: string(2), description: string(3) });

/** Where a thing or a reference to it may stand. */
function orReference(encode: Encoder): Encoder {
  return oneOf((value) => (isReference(value) ? one(2, reference) : one(1, encode)));
}

const externalDocs = message({ description: string(1), url: string(2) }, extensions(3));
const schemaOrReference: Encoder = orReference(lazy(() => schema));

/** gnostic knows defaults of these types only; others (`{}`, lists) have no place in the message. */
const DEFAULT_TYPES: Readonly<Record<string, Field>> = { number: double(1), boolean: boolean(2), string: string(3) };
const defaultType: Encoder = oneOf((value) => DEFAULT_TYPES[typeof value]);

const schema: Encoder = message(
  {
    nullable: boolean(1),
    readOnly: boolean(3),
    writeOnly: boolean(4),
    externalDocs: one(6, externalDocs),
    example: one(7, any),
    deprecated: boolean(8),
    title: string(9),
    multipleOf: double(10),
    maximum: double(11),
    exclusiveMaximum: boolean(12),
    minimum: double(13),
    exclusiveMinimum: boolean(14),
    maxLength: integer(15),
    minLength: integer(16),
    pattern: string(17),
    maxItems: integer(18),
    minItems: integer(19),
    uniqueItems: boolean(20),
    maxProperties: integer(21),
    minProperties: integer(22),
    required: strings(23),
    enum: many(24, any),
    type: string(25),
    allOf: many(26, schemaOrReference),
    oneOf: many(27, schemaOrReference),
    anyOf: many(28, schemaOrReference),
    not: one(
      29,
      lazy(() => schema),
    ),
    items: one(30, wrapped(many(1, schemaOrReference))),
    properties: one(31, message({}, entries(1, schemaOrReference))),
    additionalProperties: one(
      32,
      oneOf((value) => (typeof value === 'boolean' ? boolean(2) : one(1, schemaOrReference))),
    ),
    default: one(33, defaultType),
    description: string(34),
    format: string(35),
  },
  extensions(36),
);

const mediaTypes = message(
  {},
  entries(1, message({ schema: one(1, schemaOrReference), example: one(2, any) }, extensions(5))),
);

const parameter = message(
  {
    name: string(1),
    in: string(2),
    description: string(3),
    required: boolean(4),
    deprecated: boolean(5),
    allowEmptyValue: boolean(6),
    style: string(7),
    explode: boolean(8),
    allowReserved: boolean(9),
    schema: one(10, schemaOrReference),
    content: one(13, mediaTypes),
  },
  extensions(14),
);

const requestBody = message(
  { description: string(1), content: one(2, mediaTypes), required: boolean(3) },
  extensions(4),
);
const response = message({ description: string(1), content: one(3, mediaTypes) }, extensions(5));
const responses = message(
  { default: one(1, orReference(response)) },
  { number: 2, accepts: (key) => !key.startsWith('x-'), value: orReference(response) },
  extensions(3),
);
const securityRequirement = message({}, entries(1, wrapped(strings(1))));

const operation = message(
  {
    tags: strings(1),
    summary: string(2),
    description: string(3),
    externalDocs: one(4, externalDocs),
    operationId: string(5),
    parameters: many(6, orReference(parameter)),
    requestBody: one(7, orReference(requestBody)),
    responses: one(8, responses),
    deprecated: boolean(10),
    security: many(11, securityRequirement),
  },
  extensions(13),
);

const pathItem = message(
  {
    $ref: string(1),
    summary: string(2),
    description: string(3),
    get: one(4, operation),
    put: one(5, operation),
    post: one(6, operation),
    delete: one(7, operation),
    options: one(8, operation),
    head: one(9, operation),
    patch: one(10, operation),
    trace: one(11, operation),
    parameters: many(13, orReference(parameter)),
  },
  extensions(14),
);

const securityScheme = message(
  {
    type: string(1),
    description: string(2),
    name: string(3),
    in: string(4),
    scheme: string(5),
    bearerFormat: string(6),
  },
  extensions(9),
);

const components = message(
  {
    schemas: one(1, message({}, entries(1, schemaOrReference))),
    responses: one(2, message({}, entries(1, orReference(response)))),
    parameters: one(3, message({}, entries(1, orReference(parameter)))),
    requestBodies: one(5, message({}, entries(1, orReference(requestBody)))),
    securitySchemes: one(7, message({}, entries(1, orReference(securityScheme)))),
  },
  extensions(10),
);

const document = message(
  {
    openapi: string(1),
    info: one(2, message({ title: string(1), description: string(2), version: string(6) }, extensions(7))),
    paths: one(4, message({}, { number: 1, accepts: (key) => key.startsWith('/'), value: pathItem }, extensions(2))),
    components: one(5, components),
    security: many(6, securityRequirement),
    externalDocs: one(8, externalDocs),
  },
  extensions(9),
);

/** An OpenAPI 3.0 document as gnostic's `openapi.v3.Document`. */
export function encodeDocumentV3(value: object): Buffer {
  return encodeDocument(document, value);
}
