import type { FactExpression, Facts, Stage, StageDelay, SubjectKind } from './stage.ts';
import { parseDurationMs } from './duration.ts';

/** What a selector looks at. */
export interface StageSubject {
  readonly subjectKind: SubjectKind;
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly fact: Facts;
}

/** The first stage in the list that matches; pure. */
export function selectStage(stages: readonly Stage[], subject: StageSubject): Stage | undefined {
  return stages.find((stage) => matches(stage, subject));
}

function matches({ for: kind, selector }: Stage, subject: StageSubject): boolean {
  return (
    kind === subject.subjectKind &&
    selector.state === subject.state &&
    containsAll(subject.labels, selector.matchLabels) &&
    containsAll(subject.annotations, selector.matchAnnotations) &&
    (selector.matchExpressions ?? []).every((expression) => holds(expression, subject.fact(expression.key)))
  );
}

function containsAll(actual: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => actual[key] === value);
}

/** As in node affinity: an absent fact is not in any list, so `NotIn` holds for it, and `Gt` and `Lt` do not. */
function holds({ operator, values = [] }: FactExpression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

/** How long the subject stays in its state. `random` is in [0, 1). */
export function stageDelayMs(delay: StageDelay | undefined, fact: Facts, random: number): number {
  if (!delay) return 0;
  const from = delay.durationFrom === undefined ? undefined : fact(delay.durationFrom);
  const durationMs =
    (from === undefined ? undefined : parseDurationMs(from)) ?? parseDurationMs(delay.duration ?? '0') ?? 0;
  return durationMs + random * (parseDurationMs(delay.jitter ?? '0') ?? 0);
}

/** `{container.name}` in a text becomes the fact's value; an unknown or absent fact becomes nothing. */
export function fillIn(text: string, fact: Facts): string {
  return text.replaceAll(/\{([a-zA-Z][\w.-]*)\}/g, (_, name: string) => fact(name) ?? '');
}
