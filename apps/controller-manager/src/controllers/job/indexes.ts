/** Sets of completion indexes as text: `0-2,5`, the form of `status.completedIndexes`. */

export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) continue;
    const last = Math.min(Number(match[2] ?? match[1]), completions - 1);
    for (let index = Number(match[1]); index <= last; index++) indexes.add(index);
  }
  return indexes;
}

/** Runs of three and more, and of two, are joined by a dash as upstream does. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length;) {
    let end = at;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    // Two neighbours are written one by one; from three on as a range.
    if (end === at) parts.push(String(sorted[at]));
    else if (end === at + 1) parts.push(`${sorted[at]},${sorted[end]}`);
    else parts.push(`${sorted[at]}-${sorted[end]}`);
    at = end + 1;
  }
  return parts.join(',');
}
