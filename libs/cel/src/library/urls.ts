import { EvaluationError } from '../runtime/evaluation-error.ts';
import { LiteralMap, type Value } from '../runtime/value.ts';
import { BOOL, listOf, mapOf, STRING } from '../types/type.ts';
import { opaqueKind } from './opaque-value.ts';
import { fn, method, readsFirst, type Overload } from './overload.ts';

/** Parts of a URL as Go's net/url splits it: unlike the web's URL, nothing is rewritten. */
interface UrlParts {
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

const URL_KIND = opaqueKind<UrlParts>('kubernetes.URL', ({ text }) => text);
type UrlValue = InstanceType<typeof URL_KIND.Value>;

const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:[^/?#@]*@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/s;
const OPAQUE_URL = /^([A-Za-z][A-Za-z0-9+.-]*):([^/?#][^?#]*)(?:\?([^#]*))?(?:#.*)?$/s;
const PATH_ONLY = /^(\/[^?#]*)(?:\?([^#]*))?$/s;

/** An absolute URI or an absolute path; undefined for anything else. */
function parse(text: string): UrlParts | undefined {
  if (/[\x00-\x20\x7f]/.test(text) || /%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const absolute = ABSOLUTE.exec(text);
  if (absolute) {
    const [, scheme = '', host = '', path = '', query = ''] = absolute;
    const isHost = /^(?:\[[0-9A-Fa-f:.%a-z]*\]|[^:[\]]*)(?::\d*)?$/.test(host);
    return isHost ? { text, scheme: scheme.toLowerCase(), host, path, query } : undefined;
  }
  const other = OPAQUE_URL.exec(text);
  if (other) return { text, scheme: other[1]!.toLowerCase(), host: '', path: '', query: other[3] ?? '' };
  const path = PATH_ONLY.exec(text);
  return path ? { text, scheme: '', host: '', path: path[1]!, query: path[2] ?? '' } : undefined;
}

function url(text: string): UrlValue {
  const parts = parse(text);
  if (parts === undefined)
    throw new EvaluationError(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    );
  return new URL_KIND.Value(parts);
}

function queryOf(query: string): Value {
  const map = new LiteralMap();
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) values.set(name, [...(values.get(name) ?? []), value]);
  for (const [name, list] of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) map.set(name, list);
  return map;
}

const part = (name: string, of: (parts: UrlParts) => string): Overload =>
  method(name, [URL_KIND.type], STRING, ({ inner }: UrlValue) => of(inner), { resultSize: () => 2048 });

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-url-library */
export const urls: readonly Overload[] = [
  fn('url', [STRING], URL_KIND.type, url, readsFirst),
  fn('isURL', [STRING], BOOL, (text: string) => parse(text) !== undefined, readsFirst),
  part('getScheme', ({ scheme }) => scheme),
  part('getHost', ({ host }) => host),
  part('getHostname', ({ host }) => host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')),
  part('getPort', ({ host }) => /:(\d*)$/.exec(host)?.[1] ?? ''),
  part('getEscapedPath', ({ path }) => path),
  method('getQuery', [URL_KIND.type], mapOf(STRING, listOf(STRING)), ({ inner }: UrlValue) => queryOf(inner.query)),
];
