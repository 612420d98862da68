import { parseAllDocuments } from 'yaml';
import { parseDurationMs } from './duration.ts';
import { FACTS, SUBJECT_STATES } from './stage.ts';
import type { Stage } from './stage.ts';

export const STAGE_API_VERSION = 'kubelet.pilothouse.dev/v1alpha1';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];

/**
 * Reads the documents of a `--stages` file: YAML, each `kind: Stage` with `metadata.name` and a `spec` that has the
 * fields of `Stage`. Everything is checked here, with the path of each mistake, so that the engine need not check.
 */
export function parseStages(text: string, file = 'stages'): Stage[] {
  const mistakes: string[] = [];
  const stages = parseAllDocuments(text).flatMap((document, index) => {
    const at = `${file}: document ${index + 1}`;
    if (document.errors.length > 0) {
      mistakes.push(...document.errors.map((error) => `${at}: ${error.message.split('\n')[0]}`));
      return [];
    }
    const value: unknown = document.toJS();
    return value === null
      ? []
      : [readStage(value, (path, problem) => void mistakes.push(`${at}: ${path}: ${problem}`))];
  });
  const names = stages.map((stage) => stage.name);
  names
    .filter((name, index) => names.indexOf(name) !== index)
    .forEach((name) => mistakes.push(`${file}: metadata.name: Duplicate value: "${name}"`));
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'));
  return stages;
}

type Report = (path: string, problem: string) => void;

function readStage(value: unknown, report: Report): Stage {
  const document = fields(value, '', ['apiVersion', 'kind', 'metadata', 'spec'], report);
  oneOf(document['apiVersion'], [STAGE_API_VERSION], 'apiVersion', report);
  oneOf(document['kind'], ['Stage'], 'kind', report);
  const metadata = fields(document['metadata'], 'metadata', ['name', 'labels', 'annotations'], report);
  if (typeof metadata['name'] !== 'string' || metadata['name'] === '') report('metadata.name', 'Required value');
  const spec = fields(document['spec'], 'spec', ['for', 'selector', 'delay', 'next'], report);
  oneOf(spec['for'], Object.keys(SUBJECT_STATES), 'spec.for', report);
  const states: readonly string[] = SUBJECT_STATES[spec['for'] as keyof typeof SUBJECT_STATES] ?? [];
  readSelector(spec['selector'], states, report);
  if (spec['delay'] !== undefined) readDelay(spec['delay'], report);
  if (spec['next'] !== undefined) readNext(spec['next'], states, report);
  return { name: String(metadata['name']), ...spec } as unknown as Stage;
}

function readSelector(value: unknown, states: readonly string[], report: Report): void {
  const path = 'spec.selector';
  const selector = fields(value, path, ['state', 'matchLabels', 'matchAnnotations', 'matchExpressions'], report);
  oneOf(selector['state'], states, `${path}.state`, report);
  for (const field of ['matchLabels', 'matchAnnotations']) {
    for (const [key, wanted] of Object.entries(selector[field] ?? {})) {
      if (typeof wanted !== 'string') report(`${path}.${field}[${key}]`, `Invalid value: must be a string`);
    }
  }
  const expressions = selector['matchExpressions'] ?? [];
  if (!Array.isArray(expressions)) return report(`${path}.matchExpressions`, 'Invalid value: must be a list');
  expressions.forEach((entry, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const expression = fields(entry, at, ['key', 'operator', 'values'], report);
    readFact(expression['key'], `${at}.key`, report);
    oneOf(expression['operator'], OPERATORS, `${at}.operator`, report);
    const values: unknown = expression['values'] ?? [];
    if (!Array.isArray(values) || values.some((item) => typeof item !== 'string')) {
      report(`${at}.values`, 'Invalid value: must be a list of strings');
    }
  });
}

function readDelay(value: unknown, report: Report): void {
  const delay = fields(value, 'spec.delay', ['duration', 'durationFrom', 'jitter'], report);
  for (const field of ['duration', 'jitter']) {
    const text = delay[field];
    if (text !== undefined && (typeof text !== 'string' || parseDurationMs(text) === undefined)) {
      report(`spec.delay.${field}`, `Invalid value: ${JSON.stringify(text)}: must be a duration like "1m30s"`);
    }
  }
  if (delay['durationFrom'] !== undefined) readFact(delay['durationFrom'], 'spec.delay.durationFrom', report);
}

function readNext(value: unknown, states: readonly string[], report: Report): void {
  const next = fields(
    value,
    'spec.next',
    ['state', 'exitCode', 'exitCodeFrom', 'reason', 'message', 'log', 'event'],
    report,
  );
  oneOf(next['state'], states, 'spec.next.state', report);
  const { exitCode, exitCodeFrom, event } = next;
  if (exitCode !== undefined && !(Number.isInteger(exitCode) && Number(exitCode) >= 0 && Number(exitCode) <= 255)) {
    report('spec.next.exitCode', `Invalid value: ${JSON.stringify(exitCode)}: must be between 0 and 255, inclusive`);
  }
  if (exitCodeFrom !== undefined) readFact(exitCodeFrom, 'spec.next.exitCodeFrom', report);
  if (event !== undefined) {
    const { type, reason, message } = fields(event, 'spec.next.event', ['type', 'reason', 'message'], report);
    oneOf(type, ['Normal', 'Warning'], 'spec.next.event.type', report);
    if (typeof reason !== 'string') report('spec.next.event.reason', 'Required value');
    if (typeof message !== 'string') report('spec.next.event.message', 'Required value');
  }
}

function readFact(value: unknown, path: string, report: Report): void {
  if (typeof value === 'string' && (value in FACTS || /^annotation\../.test(value))) return;
  const known = [...Object.keys(FACTS), 'annotation.<name>'];
  report(path, `Unsupported value: ${JSON.stringify(value)}: supported values: ${known.join(', ')}`);
}

function oneOf(value: unknown, supported: readonly string[], path: string, report: Report): void {
  if (value === undefined) return report(path, 'Required value');
  if (supported.includes(value as string)) return;
  const quoted = supported.map((item) => JSON.stringify(item)).join(', ');
  report(path, `Unsupported value: ${JSON.stringify(value)}: supported values: ${quoted}`);
}

function fields(value: unknown, path: string, known: readonly string[], report: Report): Record<string, any> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report(path || '<root>', value === undefined ? 'Required value' : 'Invalid value: must be an object');
    return {};
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) report(path ? `${path}.${name}` : name, 'unknown field');
  }
  return value;
}
