import { Document, visit } from 'yaml';

/** Text that YAML 1.1 reads as something else than text: go-yaml quotes it twice, and all that cannot stand plain once. */
const RESOLVED = new RegExp(
  [
    '|~|null|Null|NULL',
    'y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF',
    '[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)',
    '[-+]?(?:\\.[0-9]+|[0-9][0-9_]*(?:\\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?',
    '[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\\.[0-9_]*)?',
    '[-+]?\\.(?:inf|Inf|INF)|\\.nan|\\.NaN|\\.NAN|<<',
    '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?',
  ]
    .map((each) => `(?:${each})`)
    .join('|')
    .replace(/^(.*)$/s, '^(?:$1)$'),
);

/** A JSON value as YAML in the style of go-yaml: sorted keys, items of lists not indented, no folding. */
export function goYaml(value: unknown): string {
  const document = new Document(value, { version: '1.1', sortMapEntries: true, aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'string' && RESOLVED.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ directives: false, indentSeq: false, lineWidth: 0, singleQuote: true });
}
