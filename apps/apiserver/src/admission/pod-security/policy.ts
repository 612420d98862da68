import { fieldPath, invalidValue, type FieldError } from '@pilothouse/apimachinery';

export type Level = 'privileged' | 'baseline' | 'restricted';
export type Mode = 'enforce' | 'audit' | 'warn';

/** A standard, and the version of Kubernetes whose understanding of it counts. */
export interface Policy {
  readonly level: Level;
  readonly version: string;
}

export type Labels = Readonly<Record<string, string>>;

const PREFIX = 'pod-security.kubernetes.io/';
const LEVELS: readonly string[] = ['privileged', 'baseline', 'restricted'];
const MODES: readonly Mode[] = ['enforce', 'audit', 'warn'];
const LABELS = fieldPath('metadata', 'labels');

/** What a namespace's labels ask for in one mode. A level that is not known is taken for the strictest. */
export function policyOf(labels: Labels | undefined, mode: Mode): Policy {
  const level = labels?.[PREFIX + mode];
  const version = labels?.[`${PREFIX}${mode}-version`] ?? 'latest';
  if (level === undefined) return { level: 'privileged', version };
  return LEVELS.includes(level) ? { level: level as Level, version } : { level: 'restricted', version: 'latest' };
}

export const printPolicy = ({ level, version }: Policy): string => `${level}:${version}`;

/** Checks a namespace's labels, in upstream's words. */
export function validatePolicyLabels(labels: Labels | undefined): FieldError[] {
  return MODES.flatMap((mode) => {
    const level = labels?.[PREFIX + mode];
    const version = labels?.[`${PREFIX}${mode}-version`];
    const errors: FieldError[] = [];
    if (level !== undefined && !LEVELS.includes(level)) {
      errors.push(invalidValue(LABELS.key(PREFIX + mode), level, `must be one of ${LEVELS.join(', ')}`));
    }
    if (version !== undefined && version !== 'latest' && !/^v1\.([0-9]|[1-9][0-9]*)$/.test(version)) {
      errors.push(invalidValue(LABELS.key(`${PREFIX}${mode}-version`), version, 'must be "latest" or "v1.x"'));
    }
    return errors;
  });
}
