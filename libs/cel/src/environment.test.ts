import { describe, expect, it } from 'vitest';
import {
  CostLimitExceeded,
  Environment,
  EvaluationError,
  jsonValue,
  DYN,
  STRING,
  listOf,
  INT,
  equal,
  type Value,
} from './index.ts';

const environment = new Environment({ self: DYN, name: STRING, list: listOf(INT) });

function evaluate(source: string, self: unknown = {}): Value {
  const program = environment.compile(source);
  return program.evaluate({ self: jsonValue(self), name: 'web', list: [3n, 1n, 2n] });
}

const cases: readonly [source: string, self?: unknown][] = [
  ['1 + 2 * 3 == 7'],
  ['-9223372036854775808 < 0'],
  ['7 / 2 == 3 && 7 % 2 == 1 && -7 / 2 == -3'],
  ['1.5 + 1.5 == 3.0'],
  ['1u + 2u == 3u'],
  ['"a" + "b" == "ab" && "a" < "b"'],
  [`'it''s'.size() == 0 || true`.replace(`'it''s'`, `'it'`)],
  [`r'\\d+'.size() == 3`],
  ['b"abc".size() == 3'],
  ['"\\u00e9" == "é" && size("é") == 1'],
  ['[1, 2] + [3] == [1, 2, 3]'],
  ['{"a": 1}["a"] == 1 && "a" in {"a": 1} && !("b" in {"a": 1})'],
  ['2 in [1, 2]'],
  ['self.a.b == 5', { a: { b: 5 } }],
  ['has(self.a) && !has(self.b)', { a: 1 }],
  ['self.list.all(x, x > 0) && self.list.exists(x, x == 2)', { list: [1, 2] }],
  ['self.list.exists_one(x, x == 2)', { list: [1, 2] }],
  ['self.list.map(x, x * 2) == [2, 4]', { list: [1, 2] }],
  ['self.list.map(x, x > 1, x * 2) == [4]', { list: [1, 2] }],
  ['self.list.filter(x, x > 1) == [2]', { list: [1, 2] }],
  ['self.map.all(k, k.startsWith("a") && self.map[k] > 0)', { map: { a1: 1, a2: 2 } }],
  ['self.map.filter(k, k == "a1") == ["a1"]', { map: { a1: 1, a2: 2 } }],
  ['true || self.missing == 1'],
  ['self.missing == 1 || true'],
  ['!(false && self.missing == 1)'],
  ['self.a == 1 ? true : self.missing', { a: 1 }],
  ['self.n == 1 && self.n == 1.0', { n: 1 }],
  ['"hello".matches("^h.*o$")'],
  ['"a,b,c".split(",") == ["a", "b", "c"] && ["a", "b"].join("-") == "a-b"'],
  ['"Hello".lowerAscii() == "hello" && "x".upperAscii() == "X"'],
  ['"tacocat".indexOf("c") == 2 && "tacocat".lastIndexOf("a") == 5 && "abc".charAt(1) == "b"'],
  ['"hello".substring(1, 3) == "el" && "hello hello".replace("he", "we", 1) == "wello hello"'],
  ['" x ".trim() == "x" && strings.quote("a\\v\\"") == "\\"a\\\\v\\\\\\"\\""'],
  ['"%s is %d, %.2f".format([dyn("a"), dyn(1), dyn(2.5)]) == "a is 1, 2.50"'],
  [
    '"%s, %.1f and %e".format([1000000.0, 1234567.0, 1052.032911275]) == "1e+06, 1,234,567.0 and 1.052033\u202f×\u202f10⁰³"',
  ],
  [
    '"%s %s".format([["a", 1.5, duration("1s")], {"b": 1, "a": [true]}]) == "[\\"a\\", 1.500000, duration(\\"1s\\")] {\\"a\\":[true], \\"b\\":1}"',
  ],
  ['"%x %X %o %b".format([b"ab", 255, 8, true]) == "6162 FF 10 1"'],
  ['isSemver("1.2.3-a.1+b") && !isSemver("1.2") && isSemver("v1.02", true) && !isSemver("01.2.3")'],
  ['[1, 2, 3].sum() == 6 && [1, 3].max() == 3 && [1, 2].isSorted() && [1, 2].indexOf(2) == 1'],
  ['"abc 123".find("[0-9]+") == "123" && "1 2".findAll("[0-9]") == ["1", "2"]'],
  ['url("https://example.com:80/a?b=c").getHostname() == "example.com" && isURL("/a") && !isURL("a b")'],
  ['url("https://example.com:80/a?b=c").getQuery()["b"] == ["c"]'],
  ['quantity("1Gi").isGreaterThan(quantity("1G")) && quantity("1500m").add(quantity("500m")) == quantity("2")'],
  ['isQuantity("5") && !isQuantity("x") && quantity("2k").asInteger() == 2000 && quantity("1.5").sign() == 1'],
  ['isIP("::1.2.3.4") && !isIP("::ffff:1.2.3.4") && ip("ff12::1").isLinkLocalMulticast()'],
  ['isIP("10.0.0.1") && !isIP("10.0.0.01") && ip("::1").isLoopback() && ip("10.0.0.1").family() == 4'],
  [
    'cidr("10.0.0.0/8").containsIP("10.1.2.3") && cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16") && cidr("10.1.0.0/8").masked() == cidr("10.0.0.0/8")',
  ],
  ['semver("1.2.3").isLessThan(semver("1.10.0")) && isSemver("1.0.0-rc.1") && semver("v1", true).major() == 1'],
  [
    'format.dns1123Label().validate("a-b").hasValue() == false && format.named("dns1123Label").value().validate("A_").hasValue()',
  ],
  ['sets.contains([1, 2, 3], [2, 1]) && sets.intersects([1], [1, 2]) && sets.equivalent([1, 2], [2, 1])'],
  ['duration("1h30m") > duration("89m") && duration("1.5s").getMilliseconds() == 1500'],
  ['timestamp("2024-01-02T03:04:05Z").getFullYear() == 2024 && timestamp("2024-01-02T03:04:05Z").getMonth() == 0'],
  ['timestamp("2024-01-01T00:00:00Z") + duration("24h") == timestamp("2024-01-02T00:00:00Z")'],
  ['timestamp("2024-01-02T03:04:05Z").getHours("America/New_York") == 22'],
  ['self.?a.orValue(7) == 1 && self.?b.orValue(7) == 7 && self[?"a"].hasValue()', { a: 1 }],
  ['optional.of(1).optMap(x, x + 1).value() == 2 && optional.none().orValue(3) == 3'],
  ['{?"a": optional.of(1), ?"b": optional.none()} == {"a": 1} && [?optional.none(), 1] == [1]'],
  [
    'self.l.sortBy(x, x.rank).map(x, x.name) == ["b", "a"]',
    {
      l: [
        { name: 'a', rank: 2 },
        { name: 'b', rank: 1 },
      ],
    },
  ],
  ['lists.range(3) == [0, 1, 2]', {}],
  ['{"a": 1, "b": 2}.exists_one(k, v, v == 2)', {}],
  ['"%s is %d".format(["a", 1]) == "a is 1"', {}],
  ['[1, 2].all(i, v, v == i + 1) && {"a": 1}.exists(k, v, k == "a" && v == 1)'],
  ['[1, 2].transformList(i, v, i * v) == [0, 2] && {"a": 1}.transformMap(k, v, v + 1) == {"a": 2}'],
  ['{"a": 1}.transformMapEntry(k, v, {k + "x": v}) == {"ax": 1}'],
  ['type(1) == int && type("a") == string && type(self.a) == double', { a: 1.5 }],
  ['int("5") == 5 && string(5) == "5" && double("1.5") == 1.5 && bool("true") && string(1.0) == "1"'],
  ['dyn(1) == dyn(1.0) && !(dyn(1) == dyn("1"))'],
  ['// a comment\n1 == 1'],
];

describe('an expression', () => {
  it.each(cases)('%s', (source, self) => {
    expect(evaluate(source, self)).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['self.x == 1', {}, 'no such key: x'],
    ['[1][5] == 1', {}, 'index out of bounds: 5'],
    ['1 / 0 == 1', {}, 'division by zero'],
    ['9223372036854775807 + 1 == 0', {}, 'integer overflow'],
    ['self.a + 1 == 2', { a: 'x' }, 'no such overload'],
    ['[1, 0].all(x, 1 / x > 0)', {}, 'division by zero'],
    ['"%d".format(self.l) == ""', { l: [] }, 'index 0 out of range'],
    [
      '"%d".format([self.a]) == ""',
      { a: 'x' },
      'error during formatting: decimal clause can only be used on integers, was given string',
    ],
    ['"a".find(self.a) == ""', { a: '[' }, 'Illegal regex: error parsing regexp: missing closing ]: `[`'],
    ['int(self.a) == 1', { a: '9223372036854775808' }, `type conversion error from 'string' to 'int'`],
    ['double(self.a) == 1.0', { a: '0x10' }, `type conversion error from 'string' to 'double'`],
    ['[9223372036854775807, 1].sum() == 0', {}, 'integer overflow'],
    ...(
      [
        ['1.2.3', 'IPv4 address too short'],
        ['1.2.3.256', 'IPv4 field has value >255'],
        ['1.2.3.4.5', 'IPv4 address too long'],
        ['1.2.03.4', 'IPv4 field has octet with leading zero'],
        ['1..2.3', 'IPv4 field must have at least one digit (at ".2.3")'],
        ['1.2.3.x', 'unexpected character (at "x")'],
        ['x', 'unable to parse IP'],
        ['1:2', 'address string too short'],
        ['::12345', 'each group must have 4 or less digits (at "12345")'],
        ['2001:db8::g', 'each colon-separated field must have at least one digit (at "g")'],
        ['1::2::3', 'multiple :: in address (at ":3")'],
        ['1:2:3:4:5:6:7:8:9', 'trailing garbage after address (at "9")'],
        ['1:2:3:4:5:6:7::8', 'the :: must expand to at least one field of zeros'],
      ] as const
    ).map(([a, why]): [string, unknown, string] => [
      'ip(self.a).family() == 4',
      { a },
      `IP Address "${a}" parse error during conversion from string: ParseAddr("${a}"): ${why}`,
    ]),
    ['ip(self.a).family() == 4', { a: '::ffff:102:304' }, 'IPv4-mapped IPv6 address "::ffff:102:304" is not allowed'],
    ['ip(self.a).family() == 4', { a: 'fe80::1%en0' }, 'IP address "fe80::1%en0" with zone value is not allowed'],
    ...(
      [
        ['192.168.0.0/', 'bad bits after slash: ""'],
        ['192.168.0.0', `no '/'`],
        ['192.168.0.0/33', 'prefix length out of range'],
      ] as const
    ).map(([a, why]): [string, unknown, string] => [
      'cidr(self.a).prefixLength() == 4',
      { a },
      `network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("${a}"): ${why}`,
    ]),
    ['quantity(self.a) == quantity("1")', { a: '1kk' }, `unable to parse quantity's suffix`],
    ['semver(self.a) == semver("1.2.3")', { a: '1.x.3' }, 'Invalid character(s) found in minor number "x"'],
    ['semver(self.a) == semver("1.2.3")', { a: '1.2' }, 'No Major.Minor.Patch elements found'],
  ])('%s fails while it runs', (source, self, message) => {
    expect(() => evaluate(source, self)).toThrow(new EvaluationError(message));
  });

  it.each<[string, string]>([
    ['nope == 1', `ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')\n | nope == 1\n | ^`],
    [
      'name > 1',
      `ERROR: <input>:1:6: found no matching overload for '_>_' applied to '(string, int)'\n | name > 1\n | .....^`,
    ],
    [
      'name.startsWith(1)',
      `ERROR: <input>:1:16: found no matching overload for 'startsWith' applied to 'string.(int)'\n | name.startsWith(1)\n | ...............^`,
    ],
    ['name.x', `ERROR: <input>:1:5: type 'string' does not support field selection\n | name.x\n | ....^`],
    [
      'duration("5 minutes") > duration("1s")',
      `ERROR: <input>:1:10: invalid duration argument\n | duration("5 minutes") > duration("1s")\n | .........^`,
    ],
    ['timestamp("x") == timestamp("y")', 'ERROR: <input>:1:11: invalid timestamp argument'],
    ['name.matches("[")', 'ERROR: <input>:1:14: invalid matches argument'],
    [
      'name == "%d, %s".format(["a", 1])',
      `ERROR: <input>:1:26: error during formatting: decimal clause can only be used on integers, was given string`,
    ],
    ['"%s".format([name, name]) == name', 'too many arguments supplied to string.format (expected 1, got 2)'],
    ['"%y".format([name]) == name', 'could not parse formatting clause: unrecognized formatting clause "y"'],
    ['"%s %s".format([name]) == name', '1:15: index 1 out of range'],
    ['[1, "a"] == nope', `ERROR: <input>:1:13: undeclared reference to 'nope'`],
    ['name.reverse() == name', `found no matching overload for 'reverse' applied to 'string.()'`],
    ['cel.bind(x, 1, x) == 1', `undeclared reference to 'cel'`],
    ['[1, "a"] == []', `ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, "a"] == []\n | ....^`],
  ])('%s is refused', (source, message) => {
    expect(() => environment.compile(source)).toThrow(message);
  });

  it('stops at its cost limit, which nothing absorbs', () => {
    const program = environment.compile('list.all(x, list.all(y, x > 0)) || true');
    expect(() => program.evaluate({ list: [1n, 2n, 3n] }, 10)).toThrow(CostLimitExceeded);
    const meter = { cost: 0 };
    expect(program.evaluate({ list: [1n, 2n, 3n] }, 1000, meter)).toBe(true);
    expect(meter.cost).toBeGreaterThan(10);
    expect(meter.cost).toBeLessThan(1000);
  });

  it('says which variables it uses and what it may cost', () => {
    const program = environment.compile('name.size() > 1');
    expect(program.references('name')).toBe(true);
    expect(program.references('self')).toBe(false);
    expect(environment.compile('list.all(x, list.all(y, x > y))').maxCost).toBeGreaterThan(1e9);
  });

  it.each<[string, number]>([
    ['has(self.a)', 1],
    ['name == ""', 1],
    ['(name == "a" ? name : "") == "UPSERT"', 4],
    ['name.size() == 0', 3],
    ['name.startsWith("abc")', 2],
  ])('estimates that %s costs %d at most', (source, cost) => {
    expect(environment.compile(source).maxCost).toBe(cost);
  });

  it('takes a string that an expression makes to be as long as what it is made of', () => {
    const longest = environment.compile('name.lowerAscii() == name').maxCost;
    expect(longest).toBeGreaterThan(300_000);
  });

  it('does not see what JSON objects inherit', () => {
    expect(evaluate('has(self.constructor)', {})).toBe(false);
    expect(evaluate('has(self.__proto__)', {})).toBe(false);
  });

  it('compares maps and lists by content', () => {
    expect(equal(jsonValue({ a: [1, { b: 2 }] }), jsonValue({ a: [1, { b: 2 }] }))).toBe(true);
    expect(equal(jsonValue([1]), jsonValue([2]))).toBe(false);
  });
});
