import { EvaluationError } from '../runtime/evaluation-error.ts';
import type { Value } from '../runtime/value.ts';
import { BOOL, INT, STRING } from '../types/type.ts';
import { opaqueKind } from './opaque-value.ts';
import { fn, method, readsFirst, type Overload } from './overload.ts';

interface Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];
}

const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

const textOf = ({ numbers, prerelease }: Version): string =>
  `${numbers.join('.')}${prerelease.length > 0 ? `-${prerelease.join('.')}` : ''}`;
const SEMVER_KIND = opaqueKind<Version>('kubernetes.Semver', textOf);
type SemverValue = InstanceType<typeof SEMVER_KIND.Value>;

/** `normalize`: a `v` in front, missing minor and patch, and leading zeros are put right. */
function parse(text: string, normalize: boolean): Version | undefined {
  const match = SEMVER.exec(normalize ? normalized(text) : text);
  if (match === null) return undefined;
  const prerelease = match[4]?.split('.') ?? [];
  if (prerelease.some((each) => /^0\d+$/.test(each))) return undefined;
  return { numbers: [BigInt(match[1]!), BigInt(match[2]!), BigInt(match[3]!)], prerelease };
}

function normalized(text: string): string {
  const [, core = '', rest = ''] = /^v?([^+-]*)(.*)$/s.exec(text)!;
  const numbers = core.split('.').map((each) => each.replace(/^0+(?=\d)/, ''));
  while (numbers.length < 3) numbers.push('0');
  return numbers.join('.') + rest;
}

export function semver(text: string, normalize = false): SemverValue {
  const version = parse(text, normalize);
  if (version === undefined) throw new EvaluationError(`No Major.Minor.Patch elements found`);
  return new SEMVER_KIND.Value(version);
}

function compare(a: Version, b: Version): number {
  for (let at = 0; at < 3; at++) {
    const [left, right] = [a.numbers[at]!, b.numbers[at]!];
    if (left !== right) return left < right ? -1 : 1;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return b.prerelease.length - a.prerelease.length === 0 ? 0 : a.prerelease.length === 0 ? 1 : -1;
  for (let at = 0; at < Math.max(a.prerelease.length, b.prerelease.length); at++) {
    const order = compareIdentifiers(a.prerelease[at], b.prerelease[at]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers are below words, fewer below more. */
function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left && right) return Number(BigInt(a) > BigInt(b)) - Number(BigInt(a) < BigInt(b));
  if (left !== right) return left ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const S = SEMVER_KIND.type;

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-semver-library */
export const semvers: readonly Overload[] = [
  fn('semver', [STRING], S, (text: string) => semver(text), readsFirst),
  fn('semver', [STRING, BOOL], S, semver, readsFirst),
  fn('isSemver', [STRING], BOOL, (text: string) => parse(text, false) !== undefined, readsFirst),
  fn(
    'isSemver',
    [STRING, BOOL],
    BOOL,
    (text: string, normalize: boolean) => parse(text, normalize) !== undefined,
    readsFirst,
  ),
  method('major', [S], INT, ({ inner }: SemverValue): Value => inner.numbers[0]),
  method('minor', [S], INT, ({ inner }: SemverValue): Value => inner.numbers[1]),
  method('patch', [S], INT, ({ inner }: SemverValue): Value => inner.numbers[2]),
  method('isLessThan', [S, S], BOOL, (a: SemverValue, b: SemverValue) => compare(a.inner, b.inner) < 0),
  method('isGreaterThan', [S, S], BOOL, (a: SemverValue, b: SemverValue) => compare(a.inner, b.inner) > 0),
  method('compareTo', [S, S], INT, (a: SemverValue, b: SemverValue): Value => BigInt(compare(a.inner, b.inner))),
];
