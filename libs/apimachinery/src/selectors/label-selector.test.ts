import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabelRequirement } from './label-requirement.ts';
import { Selector, selectorFromLabelSelector, selectorFromSet } from './label-selector.ts';
import { parseLabelSelector } from './parse-label-selector.ts';

describe('parseLabelSelector', () => {
  it.each([
    ['', ''],
    ['x=a,y=b,z=c', 'x=a,y=b,z=c'],
    ['z,x', 'x,z'],
    ['x!=a,y==b', 'x!=a,y==b'],
    ['x=', 'x='],
    ['x= ,z= ', 'x=,z='],
    ['x in (b,a,a)', 'x in (a,b)'],
    ['x in ()', undefined],
    ['x notin (a, ,b)', 'x notin (,a,b)'],
    ['!x', '!x'],
    ['x>1', 'x>1'],
    ['x<7', 'x<7'],
    ['in in (notin)', 'in in (notin)'],
    ['a.b/c=d', 'a.b/c=d'],
    ['x,', undefined],
  ])('%j reads as %j', (text, canonical) => {
    if (canonical === undefined) expect(() => parseLabelSelector(text)).toThrow();
    else expect(parseLabelSelector(text).toString()).toBe(canonical);
  });

  it.each([
    [
      'x=a||y=b',
      `unable to parse requirement: values[0][x]: Invalid value: "a||y": a valid label must be an empty string or consist of`,
    ],
    ['x==a==b', "found '==', expected: ',' or 'end of string'"],
    ['!x=a', "found '=', expected: ',' or 'end of string'"],
    ['x a', "unable to parse requirement: found 'a', expected: in, notin, =, ==, !=, gt, lt"],
    ['x in a', "unable to parse requirement: found 'a' expected: '('"],
    ['x in (a', "unable to parse requirement: found '', expected: ',' or ')'"],
    [',x', "found ',', expected: !, identifier, or 'end of string'"],
    ['x,,y', "found ',', expected: identifier after ','"],
    [
      'x in ()',
      `unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`,
    ],
    [
      'x>a',
      `unable to parse requirement: values[0]: Invalid value: "a": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    ['a/b/c=d', 'unable to parse requirement: <nil>: Invalid value: "a/b/c": a valid label key must consist of'],
    ['!', "unable to parse requirement: found '', expected: identifier"],
  ])('%j is refused as upstream words it', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });

  it('reads back what it prints', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,8}[A-Za-z0-9])?$/);
    const key = fc.oneof(
      word,
      fc.tuple(fc.stringMatching(/^[a-z0-9]{1,5}(\.[a-z0-9]{1,5})?$/), word).map((parts) => parts.join('/')),
    );
    const requirement = fc.oneof(
      fc.tuple(
        key,
        fc.constantFrom('=' as const, '==' as const, '!=' as const),
        fc.tuple(fc.oneof(word, fc.constant(''))),
      ),
      fc.tuple(
        key,
        fc.constantFrom('in' as const, 'notin' as const),
        fc.array(fc.oneof(word, fc.constant('')), { minLength: 1, maxLength: 4 }),
      ),
      fc.tuple(key, fc.constantFrom('exists' as const, '!' as const), fc.constant([])),
      fc.tuple(
        key,
        fc.constantFrom('gt' as const, 'lt' as const),
        fc.tuple(
          fc
            .integer()
            .map(String)
            .filter((text) => !text.startsWith('-')),
        ),
      ),
    );
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 5 }), (list) => {
        const selector = new Selector(list.map(([k, operator, values]) => new LabelRequirement(k, operator, values)));
        // A lone empty value in a list prints as `()`, which reads as an empty list: upstream has the same gap.
        fc.pre(!selector.requirements.some((each) => each.operator.endsWith('in') && each.values.join() === ''));
        const again = parseLabelSelector(selector.toString());
        expect(again.toString()).toBe(selector.toString());
        expect(again.requirements).toEqual(selector.requirements);
      }),
    );
  });
});

describe('matches', () => {
  const labels = { app: 'web', tier: 'front', size: '10' };
  it.each([
    ['app=web', true],
    ['app!=web', false],
    ['missing!=x', true],
    ['app in (web,db)', true],
    ['app notin (web)', false],
    ['missing notin (web)', true],
    ['app', true],
    ['!app', false],
    ['!constructor', true],
    ['size>9', true],
    ['size<10', false],
    ['app>1', false],
    ['app=web,tier=back', false],
  ])('%s', (text, expected) => expect(parseLabelSelector(text).matches(labels)).toBe(expected));

  it('tells a missing selector from an empty one', () => {
    expect(selectorFromLabelSelector(undefined).matches({ a: 'b' })).toBe(false);
    expect(selectorFromLabelSelector({}).matches({ a: 'b' })).toBe(true);
    expect(selectorFromSet({}).matches(undefined)).toBe(true);
  });

  it('reads matchLabels and matchExpressions', () => {
    const selector = selectorFromLabelSelector({
      matchLabels: { tier: 'front' },
      matchExpressions: [
        { key: 'app', operator: 'In', values: ['web'] },
        { key: 'gone', operator: 'DoesNotExist' },
      ],
    });
    expect(selector.toString()).toBe('app in (web),!gone,tier=front');
    expect(selector.matches(labels)).toBe(true);
    expect(() => selectorFromLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Gt' }] })).toThrow(
      '"Gt" is not a valid label selector operator',
    );
  });
});
