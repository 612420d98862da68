import { isDNS1123Label, isDNS1123Subdomain } from '../names/dns.ts';
import { isIPv4, isIPv6, parseCidr } from '../names/ip-address.ts';

type Check = (text: string) => boolean;

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})([.,]\d+)?(z|([+-])(\d{2}):(\d{2}))$/i;
const DURATION_UNITS =
  'ns|nano|us|µs|ms|milli|s|sec|m|min|h|hr|d|day|w|wk|nanos?|micros?|millis?|nanoseconds?|microseconds?|milliseconds?|seconds?|minutes?|hours?|days?|weeks?|secs?|mins?|hrs?|wks?';
const DURATION = new RegExp(`^[+-]?(?:0|(?:\\s*\\d+(?:\\.\\d*)?\\s*(?:${DURATION_UNITS}))+)$`, 'i');
const HOSTNAME =
  /^([a-zA-Z0-9¡-￿]((-?[a-zA-Z0-9¡-￿]{0,62})?[a-zA-Z0-9¡-￿])?)(\.[a-zA-Z0-9¡-￿](([a-zA-Z0-9¡-￿-]{0,61})?[a-zA-Z0-9¡-￿])?)*$/;
const EMAIL =
  /^[^\s@<>()[\]\\,;:"]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/**
 * The string formats that a CRD may name, without the dashes of their names. Any other is accepted and means nothing.
 * Upstream: apiextensions-apiserver/pkg/apiserver/validation/formats.go over kube-openapi's strfmt.
 */
const FORMATS: Readonly<Record<string, Check>> = {
  bsonobjectid: (text) => /^[0-9a-f]{24}$/i.test(text),
  uri: isUri,
  email: (text) => EMAIL.test(text.replace(/^.*<(.*)>$/, '$1')),
  hostname: (text) => text.length <= 255 && HOSTNAME.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: (text) => parseCidr(text) !== undefined,
  mac: (text) => /^([0-9a-f]{2}([:-])[0-9a-f]{2}(\2[0-9a-f]{2}){4,18}|[0-9a-f]{4}(\.[0-9a-f]{4}){2,9})$/i.test(text),
  uuid: (text) => UUID.test(text),
  uuid3: (text) => UUID.test(text) && text.replaceAll('-', '')[12] === '3',
  uuid4: (text) =>
    UUID.test(text) && text.replaceAll('-', '')[12] === '4' && /[89ab]/i.test(text.replaceAll('-', '')[16]!),
  uuid5: (text) =>
    UUID.test(text) && text.replaceAll('-', '')[12] === '5' && /[89ab]/i.test(text.replaceAll('-', '')[16]!),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  rgbcolor: (text) => {
    const match = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text);
    return match !== null && match.slice(1).every((each) => Number(each) <= 255);
  },
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  password: () => true,
  date: isDate,
  duration: (text) => DURATION.test(text.trim()) && text !== '',
  datetime: isDateTime,
  k8sshortname: (text) => isDNS1123Label(text).length === 0,
  k8slongname: (text) => isDNS1123Subdomain(text).length === 0,
};

const normalized = (format: string): string => format.replaceAll('-', '');

/** The check of a format by its name in the schema; undefined for a format that means nothing here. */
export function formatCheck(format: string): Check | undefined {
  const name = normalized(format);
  return Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
}

const NUMBER_FORMATS = new Set(['int32', 'int64', 'float', 'double']);

/** False for a format that no version of the API gives a meaning to: worth a warning. */
export function isKnownFormat(format: string): boolean {
  return formatCheck(format) !== undefined || NUMBER_FORMATS.has(format);
}

function isDate(text: string): boolean {
  const match = DATE.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

function isDateTime(text: string): boolean {
  const match = DATE_TIME.exec(text);
  return match !== null && isDate(match[1]!) && Number(match[2]) < 24 && Number(match[3]) < 60 && Number(match[4]) < 60;
}

/** Go's url.ParseRequestURI: an absolute URI, or an absolute path. */
function isUri(text: string): boolean {
  if (/[\x00-\x20\x7f]/.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return false;
  if (text.startsWith('/')) return true;
  return (
    /^[A-Za-z][A-Za-z0-9+.-]*:.+$/.test(text) &&
    (!text.includes('://') || /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^ ]*$/.test(text))
  );
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{9}[\dXx]$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < 10; at++) sum += (10 - at) * (/[Xx]/.test(digits[at]!) ? 10 : Number(digits[at]));
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{13}$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < 13; at++) sum += (at % 2 === 0 ? 1 : 3) * Number(digits[at]);
  return sum % 10 === 0;
}

/** Length and the Luhn sum. */
function isCreditCard(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{13,16}$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
