import { EvaluationError } from '../runtime/evaluation-error.ts';
import type { Value } from '../runtime/value.ts';
import { BOOL, INT, STRING } from '../types/type.ts';
import { opaqueKind } from './opaque-value.ts';
import { fn, method, readsFirst, type Overload } from './overload.ts';
import { parseSemver, type Version } from './parse-semver.ts';

const textOf = ({ numbers, prerelease }: Version): string =>
  `${numbers.join('.')}${prerelease.length > 0 ? `-${prerelease.join('.')}` : ''}`;
const SEMVER_KIND = opaqueKind<Version>('kubernetes.Semver', textOf);
type SemverValue = InstanceType<typeof SEMVER_KIND.Value>;

/** `normalize`: a `v` in front, missing minor and patch, and leading zeros are put right. */
const parse = (text: string, normalize: boolean): Version => parseSemver(normalize ? normalized(text) : text);

function isSemver(text: string, normalize = false): boolean {
  try {
    parse(text, normalize);
    return true;
  } catch (error) {
    if (error instanceof EvaluationError) return false;
    throw error;
  }
}

function normalized(text: string): string {
  const [, core = '', rest = ''] = /^v?([^+-]*)(.*)$/s.exec(text)!;
  const numbers = core.split('.').map((each) => each.replace(/^0+(?=\d)/, ''));
  while (numbers.length < 3) numbers.push('0');
  return numbers.join('.') + rest;
}

export const semver = (text: string, normalize = false): SemverValue => new SEMVER_KIND.Value(parse(text, normalize));

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
  fn('isSemver', [STRING], BOOL, (text: string) => isSemver(text), readsFirst),
  fn('isSemver', [STRING, BOOL], BOOL, isSemver, readsFirst),
  method('major', [S], INT, ({ inner }: SemverValue): Value => inner.numbers[0]),
  method('minor', [S], INT, ({ inner }: SemverValue): Value => inner.numbers[1]),
  method('patch', [S], INT, ({ inner }: SemverValue): Value => inner.numbers[2]),
  method('isLessThan', [S, S], BOOL, (a: SemverValue, b: SemverValue) => compare(a.inner, b.inner) < 0),
  method('isGreaterThan', [S, S], BOOL, (a: SemverValue, b: SemverValue) => compare(a.inner, b.inner) > 0),
  method('compareTo', [S, S], INT, (a: SemverValue, b: SemverValue): Value => BigInt(compare(a.inner, b.inner))),
];
