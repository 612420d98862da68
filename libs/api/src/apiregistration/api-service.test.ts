import type { APIService } from '@pilothouse/api';
import { expect, it } from 'vitest';
import { cellsOf, created, problemsOnCreate } from '../core/example-objects.ts';
import { apiService as kind } from './api-service.ts';

const example = (spec: object = {}, name = 'v1.example.com'): APIService => ({
  metadata: { name },
  spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, ...spec },
});

it.each<[APIService, string[]]>([
  [example(), []],
  [example({ service: { namespace: 'a', name: 'b' } }), []],
  [
    example({}, 'v2.example.com'),
    ['metadata.name: Invalid value: "v2.example.com": must be `spec.version+"."+spec.group`: "v1.example.com"'],
  ],
  [
    example({ groupPriorityMinimum: 0, versionPriority: 1001 }),
    [
      'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
    ],
  ],
  [
    example({ insecureSkipTLSVerify: true }),
    ['spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify'],
  ],
  [
    example({ service: {}, insecureSkipTLSVerify: true, caBundle: 'YQ==' }),
    [
      'spec.service.namespace: Required value',
      'spec.service.name: Required value',
      'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
    ],
  ],
])('%#', (each, problems) => {
  expect(problemsOnCreate(kind, each)).toEqual(problems);
});

it('is available from the start when this server serves it', () => {
  const local = created(kind, example());
  expect(cellsOf(kind.columns, local).slice(1, 3)).toEqual(['Local', 'True']);
  const remote = created(kind, example({ service: { namespace: 'a', name: 'b' } }));
  expect(remote).toMatchObject({ spec: { service: { port: 443 } } });
  expect(remote.status).toBeUndefined();
  remote.status = { conditions: [{ type: 'Available', status: 'False', reason: 'MissingEndpoints' }] };
  expect(cellsOf(kind.columns, remote).slice(1, 3)).toEqual(['a/b', 'False (MissingEndpoints)']);
});
