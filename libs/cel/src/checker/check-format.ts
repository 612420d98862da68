import { CLAUSE_TAKES } from '../library/format-string.ts';
import { parseFormat, type Clause } from '../library/parse-format.ts';
import { EvaluationError } from '../runtime/evaluation-error.ts';
import type { CallExpression, Expression } from '../syntax/expression.ts';
import type { Issue } from '../syntax/source-error.ts';
import { formatType, type Type } from '../types/type.ts';

const SHOWN: readonly Type['kind'][] = [
  ...(['list', 'map', 'int', 'uint', 'double', 'bool', 'string'] as const),
  ...(['timestamp', 'bytes', 'duration', 'type', 'null'] as const),
];

/** Types that each clause takes. The texts `NaN` and `Infinity` are numbers, too. */
const TAKEN: Readonly<Record<string, readonly Type['kind'][]>> = {
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['int', 'uint', 'bool'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
  o: ['int', 'uint'],
};

/** A format that is a literal, with literal values, is judged when it is compiled. Upstream: stringFormatValidator. */
export function checkFormat(
  { target, args, at }: CallExpression,
  typeOf: (expression: Expression) => Type,
): Issue | undefined {
  const [list] = args;
  if (target?.kind !== 'constant' || typeof target.value !== 'string' || list?.kind !== 'list') return undefined;
  const values = list.elements.map(({ value }) => value);
  let requested = 0;
  let wrongAt = at;
  const become = ({ index, verb }: Clause): string => {
    const wrong = verb === 's' ? unshown(values[index]!, typeOf) : untaken(values[index]!, TAKEN[verb]!, typeOf);
    if (wrong === undefined) return '';
    wrongAt = wrong.at;
    throw new EvaluationError(`error during formatting: ${CLAUSE_TAKES[verb]}, was given ${typeTitle(typeOf(wrong))}`);
  };
  try {
    parseFormat(target.value, values.length, () => requested++, become);
  } catch (error) {
    if (error instanceof EvaluationError) return { at: wrongAt, message: error.message };
    throw error;
  }
  if (values.length <= requested) return undefined;
  const count = `(expected ${requested}, got ${values.length})`;
  return { at, message: `too many arguments supplied to string.format ${count}` };
}

function untaken(
  value: Expression,
  taken: readonly Type['kind'][],
  typeOf: (expression: Expression) => Type,
): Expression | undefined {
  const { kind } = typeOf(value);
  return kind === 'dyn' || taken.includes(kind) ? undefined : value;
}

function unshown(value: Expression, typeOf: (expression: Expression) => Type): Expression | undefined {
  if (untaken(value, SHOWN, typeOf)) return value;
  const parts =
    value.kind === 'list'
      ? value.elements.map((each) => each.value)
      : value.kind === 'map'
        ? value.entries.flatMap((entry) => [entry.key, entry.value])
        : [];
  for (const part of parts) {
    const wrong = unshown(part, typeOf);
    if (wrong) return wrong;
  }
  return undefined;
}

/** The name of a type without those of its parts. */
function typeTitle(type: Type): string {
  return type.kind === 'null'
    ? 'null_type'
    : type.kind === 'list' || type.kind === 'map'
      ? type.kind
      : formatType(type);
}
