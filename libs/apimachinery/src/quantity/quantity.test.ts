import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Quantity } from './quantity.ts';

describe('canonical form', () => {
  it.each([
    ['0', '0'],
    ['0n', '0'],
    ['0Mi', '0'],
    ['100m', '100m'],
    ['1000m', '1'],
    ['0.5', '500m'],
    ['1.5', '1500m'],
    ['1024Mi', '1Gi'],
    ['1025Mi', '1025Mi'],
    ['1.5Gi', '1536Mi'],
    ['1Ki', '1Ki'],
    ['1024', '1024'],
    ['1023Ki', '1023Ki'],
    ['0.5Ki', '512'],
    ['0.001Ki', '1024m'],
    ['0.5Mi', '512Ki'],
    ['1000k', '1M'],
    ['1e3', '1e3'],
    ['1E3', '1E3'],
    ['12e6', '12e6'],
    ['1234e4', '12340e3'],
    ['100E', '100E'],
    ['1000E', '1e21'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['1.1n', '2n'],
    ['-0.1n', '-1n'],
    ['1e-10', '1e-9'],
    ['5', '5'],
    ['100000', '100k'],
    ['128974848', '128974848'],
    ['129e6', '129e6'],
    ['123Mi', '123Mi'],
    ['9223372036854775807', '9223372036854775807'],
    ['16Ei', '9223372036854775807'],
    ['-1024Mi', '-1Gi'],
    ['.5', '500m'],
  ])('%s is printed %s', (text, canonical) => expect(Quantity.parse(text).toString()).toBe(canonical));

  it.each(['', 'abc', '1 Gi', '1.5.5', '--1', '1e', '1K', '1gi', '1i', '1Gi5', '1e99999999999', '１'])(
    '%j is refused',
    (text) => expect(() => Quantity.parse(text)).toThrow(/^(quantities must match|unable to parse quantity's suffix)/),
  );

  it('keeps a text that upstream takes for canonical at a glance', () => {
    expect(Quantity.parse('0005').toString()).toBe('0005');
    expect(Quantity.parse('1.G').toString()).toBe('1.G');
    expect(Quantity.parse('0005').roundUp(-3).toString()).toBe('0005');
  });

  it('never changes the value, and printing is stable', () => {
    const suffix = fc.constantFrom(
      '',
      'n',
      'u',
      'm',
      'k',
      'M',
      'G',
      'T',
      'P',
      'E',
      'Ki',
      'Mi',
      'Gi',
      'Ti',
      'e3',
      'e-4',
      'E0',
    );
    const number = fc.oneof(
      fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map(String),
      fc.stringMatching(/^[0-9]{1,6}\.[0-9]{1,6}$/),
    );
    fc.assert(
      fc.property(number, suffix, (digits, unit) => {
        const quantity = Quantity.parse(digits + unit);
        const printed = quantity.toString();
        const again = Quantity.parse(printed);
        expect(again.equals(quantity)).toBe(true);
        expect(again.toString()).toBe(printed);
        expect(new Quantity(quantity.unscaled, quantity.scale, quantity.format).equals(quantity)).toBe(true);
      }),
    );
  });

  it('stays cheap on hostile exponents', () => {
    const [huge, tiny] = [Quantity.parse('1e2000000000'), Quantity.parse('1e-2000000000')];
    expect(huge.toString()).toBe('100e1999999998');
    expect(tiny.toString()).toBe('1e-9');
    expect(huge.compare(tiny)).toBe(1);
    expect(huge.negate().compare(tiny)).toBe(-1);
    expect(() => huge.value()).not.toThrow();
    expect(huge.toNumber()).toBe(Infinity);
    expect(() => Quantity.parse('9'.repeat(3_000_000))).toThrow('unable to parse numeric part of quantity');
  });
});

describe('arithmetic', () => {
  const of = Quantity.parse;
  it('adds and subtracts exactly, in the family of the first', () => {
    expect(of('1Gi').add(of('512Mi')).toString()).toBe('1536Mi');
    expect(of('0').add(of('1Gi')).toString()).toBe('1Gi');
    expect(of('100m').add(of('0.9')).toString()).toBe('1');
    expect(of('1').sub(of('1500m')).toString()).toBe('-500m');
    expect(of('1Gi').add(of('1m')).toString()).toBe('1073741824001m');
  });

  it('compares across families', () => {
    expect(of('1Gi').compare(of('1G'))).toBe(1);
    expect(of('1000m').compare(of('1'))).toBe(0);
    expect(of('-1').compare(of('1n'))).toBe(-1);
    expect(of('-2').compare(of('-1'))).toBe(-1);
  });

  it('rounds up when a coarser number is asked for', () => {
    expect(of('1500m').value()).toBe(2);
    expect(of('-1500m').value()).toBe(-2);
    expect(of('1u').toMilli()).toBe(1);
    expect(of('2').toMilli()).toBe(2000);
    expect(of('1Gi').value()).toBe(1073741824);
    expect(of('1.5').toNumber()).toBe(1.5);
    expect(of('1.0001').roundUp(-3).toString()).toBe('1001m');
  });

  it('agrees with rational arithmetic', () => {
    const milli = fc.integer({ min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(milli, milli, (a, b) => {
        const [x, y] = [Quantity.ofMilli(a), Quantity.ofMilli(b)];
        expect(x.add(y).toMilli()).toBe(a + b);
        expect(x.sub(y).toMilli()).toBe(a - b);
        expect(x.compare(y)).toBe(Math.sign(a - b));
      }),
    );
  });
});
