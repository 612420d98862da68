import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CompileError,
  CostLimitExceeded,
  DYN,
  Environment,
  EvaluationError,
  jsonValue,
  listOf,
  STRING,
  INT,
} from './index.ts';

const environment = new Environment({ self: DYN, name: STRING, list: listOf(INT) });

/** Runs whatever it is given; anything but the errors that expressions may end with is a defect. */
function run(source: string, self: unknown): void {
  try {
    const program = environment.compile(source);
    expect(program.maxCost).toBeGreaterThanOrEqual(0);
    program.evaluate({ self: jsonValue(self), name: 'web', list: [1n, 2n] }, 100_000);
  } catch (error) {
    if (error instanceof CompileError || error instanceof EvaluationError || error instanceof CostLimitExceeded) return;
    throw new Error(`${source}: ${(error as Error).stack}`);
  }
}

const leaf = fc.constantFrom(
  'self',
  'name',
  'list',
  '1',
  '-2',
  '3u',
  '1.5',
  '"a"',
  'b"b"',
  'true',
  'null',
  '[]',
  '{}',
  'self.a',
  'duration("1s")',
  'timestamp("2024-01-01T00:00:00Z")',
  'quantity("1Gi")',
  'ip("::1")',
  'optional.none()',
  'int',
);
const binary = fc.constantFrom('+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', '&&', '||', 'in');
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.tuple(tie('expression'), binary, tie('expression')).map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}[${b}]`),
    fc
      .tuple(tie('expression'), fc.constantFrom('all', 'exists', 'exists_one', 'map', 'filter'), tie('expression'))
      .map(([a, macro, b]) => `${a}.${macro}(x, ${b})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('size', 'string', 'type', 'dyn', 'double', 'int', 'bool'))
      .map(([a, name]) => `${name}(${a})`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('startsWith', 'matches', 'split', 'indexOf', 'format', 'orValue', 'sum', 'isSorted'),
        tie('expression'),
      )
      .map(([a, name, b]) => `${a}.${name}(${b})`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `[${a}, ${b}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `{${a}: ${b}}`),
    tie('expression').map((a) => `!${a}`),
    tie('expression').map((a) => `has(self.a) && ${a}`),
  ),
}));

describe('any text', () => {
  it('is an expression or a CompileError', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (source) => run(source, {})),
      { numRuns: 500 },
    );
  });

  it('that looks like an expression ends in a value or in an error of its own', () => {
    fc.assert(fc.property(expression, fc.jsonValue({ maxDepth: 3 }), run), { numRuns: 3000 });
  });

  it('may nest deeply', () => {
    for (const source of [
      '('.repeat(5000) + '1' + ')'.repeat(5000),
      '!'.repeat(5000) + 'true',
      '['.repeat(5000),
      `1${' + 1'.repeat(400)}`,
    ])
      run(source, {});
  });
});
