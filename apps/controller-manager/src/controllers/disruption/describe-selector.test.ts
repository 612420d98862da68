import { expect, it } from 'vitest';
import { describeSelector } from './describe-selector.ts';

it.each([
  [undefined, 'nil'],
  [
    { matchLabels: { tier: 'b', app: 'a' } },
    '&LabelSelector{MatchLabels:map[string]string{app: a,tier: b,},MatchExpressions:[]LabelSelectorRequirement{},}',
  ],
  [
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] },
    '&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:app,Operator:In,Values:[a b],},},}',
  ],
])('%j is printed as Go does', (selector, text) => {
  expect(describeSelector(selector)).toBe(text);
});
