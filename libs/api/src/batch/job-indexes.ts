/** Why a text is no list of indexes, in upstream's words. */
export class IndexesError extends Error {}

/** How many indexes `1,3-5` names below `completions`; they must rise. Upstream: validateIndexesFormat. */
export function parseIndexes(text: string, completions: number): number {
  if (text === '') return 0;
  let last = -1;
  let total = 0;
  for (const interval of text.split(',')) {
    const [from, to] = parseInterval(interval, completions);
    if (last >= from) throw new IndexesError(`non-increasing order, previous: ${last}, current: ${from}`);
    total += to - from + 1;
    last = to;
  }
  return total;
}

function parseInterval(interval: string, completions: number): [from: number, to: number] {
  const limits = interval.split('-');
  if (limits.length > 2) {
    throw new IndexesError(
      `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    );
  }
  const [from, to = from] = limits.map((each) => parseIndex(each, completions)) as [number, number?];
  if (limits.length > 1 && from >= to) {
    throw new IndexesError(`non-increasing order, previous: ${from}, current: ${to}`);
  }
  return [from, to];
}

function parseIndex(text: string, completions: number): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new IndexesError(`cannot convert string to integer for index: ${JSON.stringify(text)}`);
  const index = Number(text);
  if (index >= completions) throw new IndexesError(`too large index: ${JSON.stringify(text)}`);
  return index;
}
