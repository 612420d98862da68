import { parse } from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { encodeDocumentV2 } from './document-v2.ts';

/** A part of gnostic's contract, written down a second time so that a wrong field number shows. */
const { root } = parse(
  `syntax = "proto3"; package openapi.v2;
  message Any { string yaml = 2; }
  message NamedAny { string name = 1; Any value = 2; }
  message Additional { oneof one { Schema schema = 1; bool boolean = 2; } }
  message Type { repeated string value = 1; }
  message Items { repeated Schema schema = 1; }
  message Properties { repeated NamedSchema entry = 1; }
  message NamedSchema { string name = 1; Schema value = 2; }
  message Schema {
    string _ref = 1; string format = 2; Any default = 5; double minimum = 9; int64 max_length = 11;
    repeated string required = 19; repeated Any enum = 20; Additional additional_properties = 21; Type type = 22;
    Items items = 23; Properties properties = 25; repeated NamedAny vendor_extension = 31;
  }
  message Query { bool required = 1; string in = 2; string name = 4; string type = 6; bool unique_items = 20; }
  message Path { bool required = 1; string in = 2; string name = 4; string type = 5; bool unique_items = 19; }
  message NonBody { oneof one { Query query = 3; Path path = 4; } }
  message Body { string name = 2; string in = 3; bool required = 4; Schema schema = 5; }
  message Parameter { oneof one { Body body = 1; NonBody non_body = 2; } }
  message ParametersItem { oneof one { Parameter parameter = 1; } }
  message SchemaItem { Schema schema = 1; }
  message Response { string description = 1; SchemaItem schema = 2; }
  message ResponseValue { Response response = 1; }
  message NamedResponseValue { string name = 1; ResponseValue value = 2; }
  message Responses { repeated NamedResponseValue response_code = 1; }
  message Operation {
    repeated string tags = 1; string operation_id = 5; repeated ParametersItem parameters = 8; Responses responses = 9;
    bool deprecated = 11; repeated NamedAny vendor_extension = 13;
  }
  message PathItem { Operation get = 2; Operation patch = 8; repeated ParametersItem parameters = 9; }
  message NamedPathItem { string name = 1; PathItem value = 2; }
  message Paths { repeated NamedPathItem path = 2; }
  message Info { string title = 1; string version = 2; }
  message Document { string swagger = 1; Info info = 2; Paths paths = 8; Properties definitions = 9; }`,
  {
    keepCase: true,
  },
);

function roundTrip(document: object): unknown {
  const type = root.lookupType('openapi.v2.Document');
  return type.toObject(type.decode(encodeDocumentV2(document)), { longs: Number });
}

describe('an OpenAPI 2.0 document in Protobuf', () => {
  it('keeps schemas, in the order of the document', () => {
    const definitions = {
      zebra: {
        type: 'object',
        required: ['b', 'a'],
        properties: {
          b: { type: 'array', items: { $ref: '#/definitions/zebra' } },
          a: { type: 'string', format: 'byte', enum: ['x', 'y'], default: 'x', maxLength: 300, minimum: 0.5 },
        },
        'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Zebra' }],
      },
      ant: { type: 'object', additionalProperties: { type: 'string' } },
      open: { additionalProperties: true },
    };
    expect(roundTrip({ swagger: '2.0', info: { title: 'T', version: 'v' }, definitions })).toEqual({
      swagger: '2.0',
      info: { title: 'T', version: 'v' },
      definitions: {
        entry: [
          {
            name: 'zebra',
            value: {
              type: { value: ['object'] },
              required: ['b', 'a'],
              properties: {
                entry: [
                  {
                    name: 'b',
                    value: { type: { value: ['array'] }, items: { schema: [{ _ref: '#/definitions/zebra' }] } },
                  },
                  {
                    name: 'a',
                    value: {
                      type: { value: ['string'] },
                      format: 'byte',
                      enum: [{ yaml: '"x"' }, { yaml: '"y"' }],
                      default: { yaml: '"x"' },
                      max_length: 300,
                      minimum: 0.5,
                    },
                  },
                ],
              },
              vendor_extension: [
                {
                  name: 'x-kubernetes-group-version-kind',
                  value: { yaml: '[{"group":"","version":"v1","kind":"Zebra"}]' },
                },
              ],
            },
          },
          {
            name: 'ant',
            value: {
              type: { value: ['object'] },
              additional_properties: { schema: { type: { value: ['string'] } } },
            },
          },
          { name: 'open', value: { additional_properties: { boolean: true } } },
        ],
      },
    });
  });

  it('keeps operations, with each kind of parameter in its own message', () => {
    const paths = {
      '/api/v1/things/{name}': {
        parameters: [{ name: 'name', in: 'path', type: 'string', required: true, uniqueItems: true }],
        get: {
          operationId: 'read',
          tags: ['core'],
          parameters: [{ name: 'pretty', in: 'query', type: 'string', uniqueItems: true }],
          responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/ant' } } },
          'x-kubernetes-action': 'get',
        },
        patch: { parameters: [{ name: 'body', in: 'body', required: true, schema: { type: 'object' } }] },
      },
    };
    const decoded = roundTrip({ paths }) as { paths: { path: { name: string; value: unknown }[] } };
    expect(decoded.paths.path).toEqual([
      {
        name: '/api/v1/things/{name}',
        value: {
          parameters: [
            {
              parameter: {
                non_body: { path: { name: 'name', in: 'path', type: 'string', required: true, unique_items: true } },
              },
            },
          ],
          get: {
            operation_id: 'read',
            tags: ['core'],
            parameters: [
              {
                parameter: { non_body: { query: { name: 'pretty', in: 'query', type: 'string', unique_items: true } } },
              },
            ],
            responses: {
              response_code: [
                {
                  name: '200',
                  value: { response: { description: 'OK', schema: { schema: { _ref: '#/definitions/ant' } } } },
                },
              ],
            },
            vendor_extension: [{ name: 'x-kubernetes-action', value: { yaml: '"get"' } }],
          },
          patch: {
            parameters: [
              {
                parameter: {
                  body: { name: 'body', in: 'body', required: true, schema: { type: { value: ['object'] } } },
                },
              },
            ],
          },
        },
      },
    ]);
  });
});
