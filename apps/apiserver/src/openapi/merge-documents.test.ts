import { expect, test } from 'vitest';
import { mergeDocuments } from './merge-documents.ts';

const own = {
  swagger: '2.0',
  paths: { '/apis/apps/v1/': { get: {} } },
  definitions: { Meta: { type: 'object' }, Status: { type: 'string' } },
};

const reading = (name: string) => ({ get: { responses: { 200: { schema: { $ref: `#/definitions/${name}` } } } } });

test('paths of the group version come with what they refer to, and nothing else does', () => {
  const other = {
    paths: {
      '/apis/metrics/v1/readings': reading('Reading'),
      '/apis/metrics/v1beta1/readings': reading('Old'),
      '/apis/metrics/v10/readings': reading('Old'),
      '/version': reading('Version'),
    },
    definitions: {
      Reading: { properties: { unit: { $ref: '#/definitions/Unit' }, next: { $ref: '#/definitions/Reading' } } },
      Unit: { type: 'string' },
      Old: {},
      Version: {},
    },
  };
  const merged = mergeDocuments(own, other, '/apis/metrics/v1');
  expect(Object.keys(merged.paths)).toEqual(['/apis/apps/v1/', '/apis/metrics/v1/readings']);
  expect(Object.keys(merged.definitions)).toEqual(['Meta', 'Status', 'Reading', 'Unit']);
});

test('a definition that both have is shared where it is the same, and renamed everywhere where it is not', () => {
  const other = {
    paths: { '/apis/metrics/v1/readings': reading('Reading') },
    definitions: {
      Reading: { properties: { meta: { $ref: '#/definitions/Meta' }, status: { $ref: '#/definitions/Status' } } },
      Meta: { type: 'object' },
      Status: { type: 'object', properties: { of: { $ref: '#/definitions/Reading' } } },
      Status_v2: { type: 'integer' },
    },
  };
  const merged = mergeDocuments(own, other, '/apis/metrics/v1');
  expect(merged.definitions).toEqual({
    Meta: { type: 'object' },
    Status: { type: 'string' },
    Status_v3: { type: 'object', properties: { of: { $ref: '#/definitions/Reading' } } },
    Reading: { properties: { meta: { $ref: '#/definitions/Meta' }, status: { $ref: '#/definitions/Status_v3' } } },
  });
});

test('a path that we serve stays ours', () => {
  const other = { paths: { '/apis/apps/v1/': reading('Other') }, definitions: { Other: {} } };
  expect(mergeDocuments(own, other, '/apis/apps/v1')).toEqual(own);
});
