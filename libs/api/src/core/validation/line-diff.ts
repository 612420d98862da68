const CONTEXT = 3;

/** What changed between two values, line by line of their JSON: for messages that refuse a change. */
export function lineDiff(before: unknown, after: unknown): string {
  const [a, b] = [linesOf(before), linesOf(after)];
  const common = commonLengths(a, b);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(`  ${a[i++]}`);
      j++;
    } else if (j >= b.length || (i < a.length && (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))) {
      lines.push(`- ${a[i++]}`);
    } else lines.push(`+ ${b[j++]}`);
  }
  return nearChanges(lines).join('\n');
}

const linesOf = (value: unknown): string[] => (JSON.stringify(value, undefined, 1) ?? 'null').split('\n');

/** `[i][j]`: how many lines the rests from i and j have in common, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    const [row, next] = [table[i] ?? [], table[i + 1] ?? []];
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? (next[j + 1] ?? 0) + 1 : Math.max(next[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}

function nearChanges(lines: readonly string[]): string[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((line) => !line.startsWith(' ')),
  );
  const kept: string[] = [];
  lines.forEach((line, at) => {
    if (near[at]) kept.push(line);
    else if (at === 0 || near[at - 1]) kept.push('  ...');
  });
  return kept;
}
