import { EvaluationError } from '../runtime/evaluation-error.ts';

export interface Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];
}

const fail = (why: string): never => {
  throw new EvaluationError(why);
};
const show = (text: string): string => JSON.stringify(text);

/** With the errors of github.com/blang/semver. */
export function parseSemver(text: string): Version {
  if (text === '') fail('Version string empty');
  const [major = '', minor, ...rest] = text.split('.');
  if (minor === undefined || rest.length === 0) fail('No Major.Minor.Patch elements found');
  const numbers = [numberOf(major, 'Major'), numberOf(minor!, 'Minor')];
  const [beforeBuild, build] = cut(rest.join('.'), '+');
  const [patch, prerelease] = cut(beforeBuild, '-');
  numbers.push(numberOf(patch, 'Patch'));
  const parts = prerelease?.split('.') ?? [];
  parts.forEach(checkPrerelease);
  build?.split('.').forEach(checkBuild);
  return { numbers: numbers as unknown as Version['numbers'], prerelease: parts };
}

function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function numberOf(text: string, name: string): bigint {
  if (/[^0-9]/.test(text)) fail(`Invalid character(s) found in ${name.toLowerCase()} number ${show(text)}`);
  if (/^0./.test(text)) fail(`${name} number must not contain leading zeroes ${show(text)}`);
  if (text === '') fail('strconv.ParseUint: parsing "": invalid syntax');
  const value = BigInt(text);
  if (value >= 2n ** 64n) fail(`strconv.ParseUint: parsing ${show(text)}: value out of range`);
  return value;
}

function checkPrerelease(text: string): void {
  if (text === '') fail('Prerelease is empty');
  if (/^0\d+$/.test(text)) fail(`Numeric PreRelease version must not contain leading zeroes ${show(text)}`);
  if (/[^0-9A-Za-z-]/.test(text)) fail(`Invalid character(s) found in prerelease ${show(text)}`);
}

function checkBuild(text: string): void {
  if (text === '') fail('Build meta data is empty');
  if (/[^0-9A-Za-z-]/.test(text)) fail(`Invalid character(s) found in build meta data ${show(text)}`);
}
