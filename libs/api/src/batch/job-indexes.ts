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

/** The first index that is in both lists; intervals that cannot be read are passed over. */
export function overlapOf(completed: string, failed: string, completions: number): number | undefined {
  const [left, right] = [completed, failed].map((text) => readableIntervals(text, completions)) as [
    Interval[],
    Interval[],
  ];
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    const [[from, to], [start, end]] = [left[i]!, right[j]!];
    if (from <= end && start <= to) return Math.max(from, start);
    if (from <= start) i++;
    else j++;
  }
  return undefined;
}

type Interval = readonly [from: number, to: number];

function readableIntervals(text: string, completions: number): Interval[] {
  return text.split(',').flatMap((interval) => {
    try {
      return [parseInterval(interval, completions)];
    } catch (error) {
      if (error instanceof IndexesError) return [];
      throw error;
    }
  });
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
