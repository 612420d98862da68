import { describe, expect, it } from 'vitest';
import type { Endpoints } from '@pilothouse/api';
import { cellsOf, created, exampleMeta, problemsOnCreate } from './example-objects.ts';
import { endpoints } from './endpoints.ts';

describe('Endpoints', () => {
  const make = (subsets: Endpoints['subsets']): Endpoints => ({ metadata: exampleMeta(), subsets });

  it('are put in canonical order, ports together', () => {
    const each = created(
      endpoints,
      make([
        { addresses: [{ ip: '10.0.0.2' }, { ip: '10.0.0.1' }], ports: [{ port: 80 }] },
        { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] },
        { notReadyAddresses: [{ ip: '10.0.0.3' }], ports: [{ port: 80 }] },
      ]),
    );
    expect(each.subsets).toEqual([
      {
        addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }],
        notReadyAddresses: [{ ip: '10.0.0.3' }],
        ports: [{ port: 80, protocol: 'TCP' }],
      },
    ]);
  });

  it.each<[string, Endpoints['subsets'], string[]]>([
    [
      'no address',
      [{ ports: [{ port: 80 }] }],
      ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
    ],
    [
      'an address of the link',
      [{ addresses: [{ ip: '169.254.0.1' }] }],
      [
        'subsets[0].addresses[0].ip: Invalid value: "169.254.0.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      ],
    ],
    [
      'several ports without names',
      [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 1 }, { port: 2 }] }],
      ['subsets[0].ports[0].name: Required value', 'subsets[0].ports[1].name: Required value'],
    ],
  ])('with %s', (_, subsets, expected) => expect(problemsOnCreate(endpoints, make(subsets))).toEqual(expected));

  it('show the first three', () => {
    const addresses = [1, 2, 3, 4, 5].map((last) => ({ ip: `10.0.0.${last}` }));
    const each = make([{ addresses, ports: [{ port: 80 }] }]);
    expect(cellsOf(endpoints.columns, each)[1]).toBe('10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...');
    expect(cellsOf(endpoints.columns, make(undefined))[1]).toBe('<none>');
  });
});
