import {
  isConfigMapKey,
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isLabelValue,
  isQualifiedName,
  formatCheck,
  nameIsDNS1035Label,
  nameIsDNSLabel,
  nameIsDNSSubdomain,
} from '@pilothouse/apimachinery';
import { Opaque, Optional, type Value } from '../runtime/value.ts';
import { listOf, opaque, optionalOf, STRING, type Type } from '../types/type.ts';
import { fn, method, readsSecond, type Overload } from './overload.ts';

type Check = (text: string) => readonly string[];

const FORMAT = opaque('kubernetes.NamedFormat') as Type & { kind: 'opaque' };

class NamedFormat extends Opaque {
  readonly type = FORMAT;
  readonly name: string;
  readonly check: Check;
  constructor(name: string, check: Check) {
    super();
    this.name = name;
    this.check = check;
  }
  equals(other: Value): boolean {
    return other instanceof NamedFormat && other.name === this.name;
  }
}

const byFormat =
  (format: string, message: string): Check =>
  (text) =>
    formatCheck(format)!(text) ? [] : [message];

/** As Go's url.ParseRequestURI says it. */
const uriProblem = (text: string): string =>
  `parse ${JSON.stringify(text)}: ${text === '' ? 'empty url' : 'invalid URI for request'}`;

const CHECKS: Readonly<Record<string, Check>> = {
  dns1123Label: isDNS1123Label,
  dns1123Subdomain: isDNS1123Subdomain,
  dns1035Label: isDNS1035Label,
  qualifiedName: isQualifiedName,
  dns1123LabelPrefix: (text) => nameIsDNSLabel(text, true),
  dns1123SubdomainPrefix: (text) => nameIsDNSSubdomain(text, true),
  dns1035LabelPrefix: (text) => nameIsDNS1035Label(text, true),
  labelValue: isLabelValue,
  uri: (text) => (formatCheck('uri')!(text) ? [] : [uriProblem(text)]),
  uuid: byFormat('uuid', 'does not match the UUID format'),
  byte: byFormat('byte', 'invalid base64'),
  date: byFormat('date', 'invalid date'),
  datetime: byFormat('datetime', 'invalid datetime'),
  configMapKey: isConfigMapKey,
};

const formats = new Map(Object.entries(CHECKS).map(([name, check]) => [name, new NamedFormat(name, check)]));

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-format-library */
export const namedFormats: readonly Overload[] = [
  fn('format.named', [STRING], optionalOf(FORMAT), (name: string) => new Optional(formats.get(name))),
  ...[...formats]
    .filter(([name]) => name !== 'configMapKey')
    .map(([name, format]) => fn(`format.${name}`, [], FORMAT, () => format)),
  method(
    'validate',
    [FORMAT, STRING],
    optionalOf(listOf(STRING)),
    (format: NamedFormat, text: string) => {
      const errors = format.check(text);
      return errors.length === 0 ? Optional.NONE : new Optional([...errors]);
    },
    readsSecond,
  ),
];
