import { isDNS1123Subdomain } from './dns.ts';
import { byteLength, EMPTY_ERROR, maxLenError, regexError } from './messages.ts';

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const VALUE = `(${NAME})?`;
const namePattern = new RegExp(`^${NAME}$`);
const valuePattern = new RegExp(`^${VALUE}$`);
const MAX_LENGTH = 63;
const NAME_MESSAGE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** A label key: an optional DNS subdomain and `/`, then a name. Also the rule for annotations, finalizers and more. */
export function isQualifiedName(value: string): string[] {
  const messages: string[] = [];
  const parts = value.split('/');
  if (parts.length > 2) {
    const text = regexError(NAME_MESSAGE, NAME, 'MyName', 'my.name', '123-abc');
    return [`a valid label key ${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === '') messages.push(`prefix part ${EMPTY_ERROR}`);
    else messages.push(...isDNS1123Subdomain(prefix).map((message) => `prefix part ${message}`));
  }
  const name = parts.at(-1)!;
  if (name === '') messages.push(`name part ${EMPTY_ERROR}`);
  else if (byteLength(name) > MAX_LENGTH) messages.push(`name part ${maxLenError(MAX_LENGTH)}`);
  if (!namePattern.test(name)) {
    messages.push(`name part ${regexError(NAME_MESSAGE, NAME, 'MyName', 'my.name', '123-abc')}`);
  }
  return messages;
}

export function isLabelValue(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > MAX_LENGTH) messages.push(maxLenError(MAX_LENGTH));
  if (!valuePattern.test(value)) {
    messages.push(
      regexError(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        VALUE,
        'MyValue',
        'my_value',
        '12345',
      ),
    );
  }
  return messages;
}
