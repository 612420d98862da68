import { describe, expect, it } from 'vitest';
import { softwareBillOfMaterials } from './bill-of-materials.ts';
import { packageDirectory } from './bundled-packages.ts';

describe('packageDirectory', () => {
  it('is the innermost package of a file', () => {
    expect(packageDirectory('node_modules/pino/lib/tools.js')).toBe('node_modules/pino');
    expect(packageDirectory('node_modules/@grpc/grpc-js/build/index.js')).toBe('node_modules/@grpc/grpc-js');
    expect(packageDirectory('node_modules/a/node_modules/b/index.js')).toBe('node_modules/a/node_modules/b');
  });

  it('is nothing for what is ours', () => {
    expect(packageDirectory('libs/etcd/src/index.ts')).toBeUndefined();
  });
});

describe('softwareBillOfMaterials', () => {
  it('names a scoped package by its package URL', () => {
    const packages = [{ name: '@grpc/grpc-js', version: '1.14.7', licence: 'Apache-2.0', directory: '' }];
    const { components } = JSON.parse(softwareBillOfMaterials('apiserver', packages));
    expect(components).toEqual([
      {
        type: 'library',
        name: '@grpc/grpc-js',
        version: '1.14.7',
        purl: 'pkg:npm/%40grpc/grpc-js@1.14.7',
        licenses: [{ expression: 'Apache-2.0' }],
      },
    ]);
  });
});
