/** What the benchmarks share: how an operation is timed and how its rate is printed. */

export const IN_FLIGHT = 64;

export interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
}

export async function measure(
  what: string,
  operations: number,
  run: () => Promise<unknown>,
  unit = '/s',
): Promise<Rate> {
  const startMs = performance.now();
  await run();
  const seconds = (performance.now() - startMs) / 1000;
  const perSecond = operations / seconds;
  print(what, perSecond, unit);
  return { perSecond, seconds };
}

export function print(what: string, value: number, unit: string): void {
  const digits = value < 100 ? 1 : 0;
  process.stdout.write(`${what.padEnd(64)} ${value.toFixed(digits).padStart(9)} ${unit}\n`);
}

/** Runs `act` for 0 … operations-1 with so many under way at once. */
export async function inFlight(
  operations: number,
  act: (index: number) => Promise<unknown>,
  limit = IN_FLIGHT,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < operations) await act(next++);
  };
  await Promise.all(Array.from({ length: limit }, work));
}
