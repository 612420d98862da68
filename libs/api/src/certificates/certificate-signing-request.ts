import { type FieldError, type RequestContext, type UpdateCheck } from '@pilothouse/apimachinery';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '@pilothouse/api';
import { keepStored } from '../core/keep-stored.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, humanDuration, nameColumn, NONE } from '../printing/index.ts';
import { validateRequest, validateRequestUpdate } from './validate-signing-request.ts';

type Request = CertificateSigningRequest;

const UPDATE_CHECKS: readonly UpdateCheck[] = ['metadata', 'update', 'metadataUpdate'];

/** The decision on a request: it is made through the approval subresource, and only there. */
const APPROVAL = ['Approved', 'Denied'];

export const certificateSigningRequest: KindBehaviour<Request> = {
  group: 'certificates.k8s.io',
  kind: 'CertificateSigningRequest',
  columns: [
    nameColumn,
    ageColumn,
    column<Request>('SignerName', ({ spec }) => spec.signerName || NONE),
    column<Request>('Requestor', ({ spec }) => spec.username ?? ''),
    column<Request>('RequestedDuration', ({ spec }) =>
      spec.expirationSeconds === undefined ? NONE : humanDuration(spec.expirationSeconds * 1000),
    ),
    column<Request>('Condition', conditionCell),
  ],
  strategy: {
    prepareForCreate: takeRequester,
    prepareForUpdate: (next: Request, old: Request) => keepStored(next, old, 'spec', 'status'),
    validate: (each: Request) => validateRequest(each),
    validateUpdate: (next: Request, old: Request): FieldError[] => validateRequestUpdate(next, old, {}),
    updateChecks: UPDATE_CHECKS,
    validateName: () => [],
    allowUnconditionalUpdate: true,
    selectableFields: {
      'metadata.name': ({ metadata }: Request) => metadata.name ?? '',
      'spec.signerName': ({ spec }: Request) => spec.signerName,
    },
    exactFieldLabels: true,
  },
  subresources: {
    approval: {
      strategy: {
        prepareForUpdate: (next: Request, old: Request, { now }: RequestContext) => {
          const conditions = next.status?.conditions ?? [];
          keepStored(next, old, 'spec');
          next.status = { ...old.status, conditions: withTimes(conditions, old, now) };
        },
        validateUpdate: (next: Request, old: Request) => validateRequestUpdate(next, old, { maySetApproval: true }),
        updateChecks: UPDATE_CHECKS,
      },
    },
    status: {
      strategy: {
        prepareForUpdate: (next: Request, old: Request, { now }: RequestContext) => {
          keepStored(next, old, 'spec');
          const conditions = keepDecision(next.status?.conditions ?? [], old.status?.conditions ?? []);
          next.status = { ...next.status, conditions: withTimes(conditions, old, now) };
        },
        validateUpdate: (next: Request, old: Request) => validateRequestUpdate(next, old, { maySetCertificate: true }),
        updateChecks: UPDATE_CHECKS,
      },
    },
  },
};

/** Who asks is known from the connection, not from what is sent. */
function takeRequester({ spec }: Request, { user }: RequestContext): void {
  spec.username = user.name;
  spec.groups = [...user.groups];
  if (user.uid) spec.uid = user.uid;
  else delete spec.uid;
  if (user.extra)
    spec.extra = Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]]));
  else delete spec.extra;
}

/** Adding or removing a decision stays visible, for validation to refuse. */
function keepDecision(
  conditions: readonly CertificateSigningRequestCondition[],
  old: readonly CertificateSigningRequestCondition[],
): CertificateSigningRequestCondition[] {
  const before = new Map(APPROVAL.map((type) => [type, old.filter((each) => each.type === type)]));
  return conditions.map((condition) => before.get(condition.type)?.shift() ?? condition);
}

/** Times that the client left to us; a condition that holds as before has held since then. */
function withTimes(
  conditions: readonly CertificateSigningRequestCondition[],
  { status }: Request,
  now: Date,
): CertificateSigningRequestCondition[] {
  const time = `${now.toISOString().slice(0, 19)}Z`;
  return conditions.map((condition) => {
    const same = status?.conditions?.find(
      (each) => each.type === condition.type && each.status === condition.status && each.lastTransitionTime,
    );
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime || time,
      lastTransitionTime: condition.lastTransitionTime || same?.lastTransitionTime || time,
    };
  });
}

function conditionCell({ status }: Request): string {
  const has = (type: string): boolean => status?.conditions?.some((each) => each.type === type) ?? false;
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${decision}${has('Failed') ? ',Failed' : ''}${status?.certificate ? ',Issued' : ''}`;
}
