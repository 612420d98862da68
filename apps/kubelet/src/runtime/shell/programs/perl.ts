import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';

/** The program of the Job page in Kubernetes' documentation, `perl -Mbignum=bpi -wle "print bpi(2000)"`, and no other. */
export function* perl(args: readonly string[], context: ProcessContext): Process {
  const digits = /^print bpi\((\d{1,4})\)$/.exec(args.at(-1)?.trim() ?? '')?.[1];
  if (!args.includes('-Mbignum=bpi') || digits === undefined) return yield* context.unknownProgram?.() ?? notFound();
  yield { type: 'sleep', ms: 500 };
  yield* write(`${pi(Number(digits))}\n`);
  return 0;
}

function* notFound(): Process {
  yield* write('perl: not found\n', 'stderr');
  return 127;
}

/** π to `digits` significant digits, by Machin's formula with ten guard digits. */
function pi(digits: number): string {
  const unit = 10n ** BigInt(digits + 10);
  const arctanOfInverse = (x: bigint): bigint => {
    let term = unit / x;
    let sum = term;
    for (let n = 3n, sign = -1n; term !== 0n; n += 2n, sign = -sign) {
      term /= x * x;
      sum += (sign * term) / n;
    }
    return sum;
  };
  const text = String(4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n)));
  const rounded = String((BigInt(text.slice(0, digits + 1)) + 5n) / 10n);
  return digits <= 1 ? rounded : `${rounded[0]}.${rounded.slice(1)}`;
}
