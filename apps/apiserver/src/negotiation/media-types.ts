/** The encodings of an object on the wire, in upstream's order of preference. */
export type Encoding = 'json' | 'yaml' | 'protobuf';

export const ENCODINGS: readonly Encoding[] = ['json', 'yaml', 'protobuf'];

export const MEDIA_TYPE: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};

/** What a body may come in as; upstream also knows two older names of YAML. */
export const ENCODING_OF_MEDIA_TYPE: ReadonlyMap<string, Encoding> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
]);

export interface MediaType {
  /** Lower case, without parameters. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1. */
  readonly quality: number;
}

/** One `Content-Type` or one clause of an `Accept` header. */
export function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';');
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    if (equals < 0) continue;
    const name = parameter.slice(0, equals).trim().toLowerCase();
    const value = parameter
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    if (name === 'q') quality = Number.isNaN(Number(value)) ? 1 : Number(value);
    else parameters.set(name, value);
  }
  return { type: type.trim().toLowerCase(), parameters, quality };
}

/** The clauses of an `Accept` header, most wanted first; of equal ones those that say more, then as they stand. */
export function parseAccept(header: string): MediaType[] {
  return header
    .split(',')
    .filter((clause) => clause.trim() !== '')
    .map(parseMediaType)
    .sort((a, b) => b.quality - a.quality || wildcards(a) - wildcards(b));
}

function wildcards({ type }: MediaType): number {
  if (type.startsWith('*')) return 2;
  return type.endsWith('/*') ? 1 : 0;
}
