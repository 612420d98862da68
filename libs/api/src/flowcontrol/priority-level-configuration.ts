import {
  deepEqual,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, NONE } from '../printing/index.ts';
import { validateFlowStatus } from './flow-schema.ts';
import { MANDATORY_PRIORITY_LEVELS } from './mandatory.ts';

const SPEC = fieldPath('spec');
const MAX_QUEUES = 10_000_000;
/** Bits of a request's hash that its hand of queues is dealt from. */
const MAX_HASH_BITS = 60;

const queuingOf = ({ spec }: PriorityLevelConfiguration): QueuingConfiguration | undefined =>
  spec.limited?.limitResponse?.queuing;

export const priorityLevelConfiguration: KindBehaviour<PriorityLevelConfiguration> = {
  group: 'flowcontrol.apiserver.k8s.io',
  kind: 'PriorityLevelConfiguration',
  defaults: defaultLevel,
  columns: [
    nameColumn,
    column<PriorityLevelConfiguration>('Type', ({ spec }) => spec.type),
    column<PriorityLevelConfiguration>(
      'NominalConcurrencyShares',
      ({ spec }) => spec.limited?.nominalConcurrencyShares ?? NONE,
    ),
    column<PriorityLevelConfiguration>('Queues', (each) => queuingOf(each)?.queues ?? NONE),
    column<PriorityLevelConfiguration>('HandSize', (each) => queuingOf(each)?.handSize ?? NONE),
    column<PriorityLevelConfiguration>('QueueLengthLimit', (each) => queuingOf(each)?.queueLengthLimit ?? NONE),
    ageColumn,
  ],
  strategy: {
    validate: validateLevel,
    validateUpdate: validateLevel,
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
  subresources: { status: { strategy: { validateUpdate: validateFlowStatus } } },
};

function defaultLevel({ spec }: PriorityLevelConfiguration): void {
  const { limited, exempt } = spec ?? {};
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0;
    exempt.lendablePercent ??= 0;
  }
  if (!limited) return;
  limited.nominalConcurrencyShares ??= 30;
  limited.lendablePercent ??= 0;
  const queuing = limited.limitResponse?.queuing;
  if (!queuing) return;
  queuing.queues ||= 64;
  queuing.handSize ||= 8;
  queuing.queueLengthLimit ||= 50;
}

function validateLevel(each: PriorityLevelConfiguration): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = each;
  const { type, limited, exempt } = spec;
  const name = each.metadata.name ?? '';
  if ((name === 'exempt') !== (type === 'Exempt')) {
    errors.push(invalidValue(SPEC.child('type'), type, "type must be 'Exempt' if and only if name is 'exempt'"));
  }
  if (type === 'Exempt') {
    if (limited) errors.push(forbiddenField(SPEC.child('limited'), 'must be nil if the type is not Limited'));
    if (exempt) validateShares(exempt, SPEC.child('exempt'), errors);
  } else if (type === 'Limited') {
    if (limited) validateLimited(limited, SPEC.child('limited'), errors);
    else errors.push(required(SPEC.child('limited'), 'must not be empty when type is Limited'));
    if (exempt) errors.push(forbiddenField(SPEC.child('exempt'), 'must be nil if the type is Limited'));
  } else errors.push(notSupported(SPEC.child('type'), type, ['Exempt', 'Limited']));
  validateMandatory(name, spec, errors);
  return [...errors, ...validateFlowStatus(each)];
}

/** `catch-all` is as it is; of `exempt` only its shares may be chosen. */
function validateMandatory(name: string, spec: PriorityLevelConfigurationSpec, errors: FieldError[]): void {
  const fixed = Object.hasOwn(MANDATORY_PRIORITY_LEVELS, name) ? MANDATORY_PRIORITY_LEVELS[name] : undefined;
  if (!fixed) return;
  const isExempt = name === 'exempt';
  const { exempt: _, ...rest } = spec;
  const { exempt: _fixed, ...fixedRest } = fixed;
  if (deepEqual(isExempt ? rest : spec, isExempt ? fixedRest : fixed)) return;
  const which = isExempt ? `spec of '${name}' except the 'spec.exempt' field` : `spec of '${name}'`;
  errors.push(invalidValue(SPEC, spec, `${which} must equal the fixed value`));
}

function validateShares(
  {
    nominalConcurrencyShares: shares,
    lendablePercent: lendable,
  }: ExemptPriorityLevelConfiguration | LimitedPriorityLevelConfiguration,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (typeof shares === 'number' && shares < 0) {
    errors.push(invalidValue(path.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer'));
  }
  if (lendable !== undefined && (lendable < 0 || lendable > 100)) {
    errors.push(invalidValue(path.child('lendablePercent'), lendable, 'must be between 0 and 100, inclusive'));
  }
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, path: FieldPath, errors: FieldError[]): void {
  validateShares(limited, path, errors);
  const { borrowingLimitPercent: borrowing, limitResponse } = limited;
  if (borrowing !== undefined && borrowing < 0) {
    errors.push(
      invalidValue(path.child('borrowingLimitPercent'), borrowing, 'if specified, must be a non-negative integer'),
    );
  }
  validateResponse(limitResponse ?? { type: '' }, path.child('limitResponse'), errors);
}

function validateResponse({ type, queuing }: LimitResponse, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('queuing');
  if (type === 'Reject') {
    if (queuing) errors.push(forbiddenField(at, 'must be nil if limited.limitResponse.type is not Limited'));
  } else if (type === 'Queue') {
    if (queuing) validateQueuing(queuing, at, errors);
    else errors.push(required(at, 'must not be empty if limited.limitResponse.type is Limited'));
  } else errors.push(notSupported(path.child('type'), type, ['Queue', 'Reject']));
}

function validateQueuing(
  { queues, handSize, queueLengthLimit }: QueuingConfiguration,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (queueLengthLimit <= 0)
    errors.push(invalidValue(path.child('queueLengthLimit'), queueLengthLimit, 'must be positive'));
  if (queues <= 0) errors.push(invalidValue(path.child('queues'), queues, 'must be positive'));
  else if (queues > MAX_QUEUES)
    errors.push(invalidValue(path.child('queues'), queues, `must not be greater than ${MAX_QUEUES}`));
  const complain = (problem: string): void => void errors.push(invalidValue(path.child('handSize'), handSize, problem));
  if (handSize <= 0) complain('must be positive');
  else if (handSize > queues) complain(`should not be greater than queues (${queues})`);
  else if (entropyBits(queues, handSize) > MAX_HASH_BITS) {
    complain(
      `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${MAX_HASH_BITS}`,
    );
  }
}

/** To deal `hand` different cards of a deck: log2(deck · (deck - 1) · …). */
function entropyBits(deck: number, hand: number): number {
  let bits = 0;
  for (let dealt = 0; dealt < hand && bits <= MAX_HASH_BITS; dealt++) bits += Math.log2(deck - dealt);
  return Math.ceil(bits);
}
