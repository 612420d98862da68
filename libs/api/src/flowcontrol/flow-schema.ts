import {
  deepEqual,
  duplicate,
  type FieldError,
  fieldPath,
  invalidValue,
  nameIsDNSSubdomain,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { FlowSchema } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, NONE } from '../printing/index.ts';
import { MANDATORY_FLOW_SCHEMAS, MAX_PRECEDENCE } from './mandatory.ts';
import { validateFlowRule } from './validate-flow-rule.ts';

const SPEC = fieldPath('spec');
const STATUS = fieldPath('status');
const DISTINGUISHERS = ['ByNamespace', 'ByUser'];

export const flowSchema: KindBehaviour<FlowSchema> = {
  group: 'flowcontrol.apiserver.k8s.io',
  kind: 'FlowSchema',
  defaults: ({ spec }) => {
    if (spec) spec.matchingPrecedence ||= 1000;
  },
  columns: [
    nameColumn,
    column<FlowSchema>('PriorityLevel', ({ spec }) => spec.priorityLevelConfiguration.name),
    column<FlowSchema>('MatchingPrecedence', ({ spec }) => spec.matchingPrecedence),
    column<FlowSchema>('DistinguisherMethod', ({ spec }) => spec.distinguisherMethod?.type ?? NONE),
    ageColumn,
    column<FlowSchema>(
      'MissingPL',
      ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    ),
  ],
  // As they are asked. The list comes by name, and sorting keeps that among equals.
  rowOrder: (a, b) => (a.spec.matchingPrecedence ?? 0) - (b.spec.matchingPrecedence ?? 0),
  strategy: {
    validate: validateSchema,
    validateUpdate: validateSchema,
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
  subresources: { status: { strategy: { validateUpdate: validateFlowStatus } } },
};

function validateSchema(each: FlowSchema): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = each;
  const name = each.metadata.name ?? '';
  const { matchingPrecedence: precedence, distinguisherMethod, priorityLevelConfiguration: level, rules = [] } = spec;
  const at = SPEC.child('matchingPrecedence');
  if (precedence <= 0) errors.push(invalidValue(at, precedence, 'must be a positive value'));
  if (precedence > MAX_PRECEDENCE)
    errors.push(invalidValue(at, precedence, `must not be greater than ${MAX_PRECEDENCE}`));
  if (precedence === 1 && name !== 'exempt') {
    errors.push(invalidValue(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  }
  if (distinguisherMethod && !DISTINGUISHERS.includes(distinguisherMethod.type)) {
    errors.push(
      notSupported(SPEC.child('distinguisherMethod', 'type'), { Type: distinguisherMethod.type }, DISTINGUISHERS),
    );
  }
  const levelPath = SPEC.child('priorityLevelConfiguration', 'name');
  if (!level?.name) errors.push(required(levelPath, 'must reference a priority level'));
  else pushInvalid(errors, levelPath, level.name, nameIsDNSSubdomain(level.name, false));
  rules.forEach((rule, index) => validateFlowRule(rule, SPEC.child('rules').index(index), errors));
  const fixed = Object.hasOwn(MANDATORY_FLOW_SCHEMAS, name) ? MANDATORY_FLOW_SCHEMAS[name] : undefined;
  if (fixed && !deepEqual(spec, fixed))
    errors.push(invalidValue(SPEC, spec, `spec of '${name}' must equal the fixed value`));
  return [...errors, ...validateFlowStatus(each)];
}

interface HasConditions {
  readonly status?: { readonly conditions?: readonly { readonly type?: string }[] };
}

export function validateFlowStatus({ status }: HasConditions): FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  status?.conditions?.forEach(({ type = '' }, index) => {
    const at = STATUS.child('conditions').index(index).child('type');
    if (types.has(type)) errors.push(duplicate(at, type));
    types.add(type);
    if (!type) errors.push(required(at, 'must not be empty'));
  });
  return errors;
}
