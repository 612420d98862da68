import { describe, expect, it } from 'vitest';
import { DYN, Environment, jsonValue } from '../index.ts';

const environment = new Environment({ object: DYN });
const evaluate = (source: string) => environment.compile(source).evaluate({ object: jsonValue({ n: 1 }) });

describe('an object under construction', () => {
  it.each([
    'Object{spec: Object.spec{replicas: object.n + 1}}.spec.replicas == 2',
    `Object.metadata{labels: {'a': 'b'}, name: 'x', __namespace__: 'ns'}.namespace == 'ns'`,
    `[JSONPatch{op: 'add', path: '/a', value: 3}][0].value == 3`,
    '!has(Object{?gone: optional.none()}.gone)',
  ])('%s', (source) => {
    expect(evaluate(source)).toBe(true);
  });

  it('is only of the types that mutating policies know', () => {
    expect(() => environment.compile('Other{a: 1}')).toThrow('Syntax error');
  });
});
