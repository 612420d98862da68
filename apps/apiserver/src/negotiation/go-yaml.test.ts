import { expect, it } from 'vitest';
import { goYaml } from './go-yaml.ts';

it('writes YAML as go-yaml does', () => {
  const value = {
    metadata: { name: 'a', creationTimestamp: '2026-01-02T03:04:05Z', resourceVersion: '5' },
    data: { yes: 'no', empty: '', hash: '# c', colon: 'a: b', quote: "it's", lines: 'a\nb\n', time: '12:30' },
    items: [
      { x: 1, list: ['a', '1.5'] },
      { none: [], nothing: {}, null: null, on: true },
    ],
    long: 'x '.repeat(60).trim(),
  };
  expect(goYaml(value)).toBe(`data:
  colon: 'a: b'
  empty: ""
  hash: '# c'
  lines: |
    a
    b
  quote: it's
  time: "12:30"
  "yes": "no"
items:
- list:
  - a
  - "1.5"
  x: 1
- none: []
  nothing: {}
  "null": null
  "on": true
long: ${value.long}
metadata:
  creationTimestamp: "2026-01-02T03:04:05Z"
  name: a
  resourceVersion: "5"
`);
});
