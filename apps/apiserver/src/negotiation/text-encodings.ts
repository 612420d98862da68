import { goYaml } from './go-yaml.ts';

const NEWLINE = Buffer.from('\n');

/** JSON as upstream writes it: compact with a newline at the end, or indented by two without one. */
export function encodeJsonText(value: unknown, pretty: boolean): Buffer {
  return Buffer.from(pretty ? JSON.stringify(value, null, 2) : `${JSON.stringify(value)}\n`);
}

/** Already encoded JSON, as an answer. */
export function jsonAnswer(json: Buffer, pretty: boolean): Buffer | Buffer[] {
  return pretty ? Buffer.from(JSON.stringify(JSON.parse(json.toString()), null, 2)) : [json, NEWLINE];
}

/** Keys are sorted, as upstream's YAML (made from JSON through a map) has them. */
export function encodeYaml(value: unknown): Buffer {
  return Buffer.from(goYaml(value));
}
