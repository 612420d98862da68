import { expect, test } from 'vitest';
import { convertToV3 } from './convert-to-v3.ts';

const path = '/apis/metrics/v1/readings/{name}';
const v2 = {
  info: { title: 'Metrics', version: '1' },
  paths: {
    [path]: {
      parameters: [{ $ref: '#/parameters/name' }],
      put: {
        operationId: 'replaceReading',
        consumes: ['*/*'],
        produces: ['application/json', 'application/yaml'],
        schemes: ['https'],
        parameters: [
          { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/Reading' } },
          { name: 'dryRun', in: 'query', type: 'string', uniqueItems: true },
        ],
        responses: {
          200: { description: 'OK', schema: { $ref: '#/definitions/Reading' } },
          401: { description: 'No' },
        },
      },
    },
    '/version/': { get: { responses: {} } },
  },
  parameters: { name: { name: 'name', in: 'path', required: true, type: 'string' } },
  definitions: { Reading: { properties: { next: { $ref: '#/definitions/Reading' } } }, Unused: {} },
};

test('a v2 document’s group version becomes a v3 document', () => {
  const schema = { $ref: '#/components/schemas/Reading' };
  expect(convertToV3(v2, '/apis/metrics/v1')).toEqual({
    openapi: '3.0.0',
    info: { title: 'Metrics', version: '1' },
    paths: {
      [path]: {
        parameters: [{ $ref: '#/components/parameters/name' }],
        put: {
          operationId: 'replaceReading',
          parameters: [{ name: 'dryRun', in: 'query', schema: { type: 'string', uniqueItems: true } }],
          requestBody: { content: { '*/*': { schema } }, required: true },
          responses: {
            200: { description: 'OK', content: { 'application/json': { schema }, 'application/yaml': { schema } } },
            401: { description: 'No' },
          },
        },
      },
    },
    components: {
      schemas: { Reading: { properties: { next: schema } } },
      parameters: { name: { name: 'name', in: 'path', required: true, schema: { type: 'string' } } },
    },
  });
});
