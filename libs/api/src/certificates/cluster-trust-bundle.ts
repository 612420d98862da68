import { X509Certificate } from 'node:crypto';
import {
  type FieldError,
  fieldPath,
  invalidValue,
  nameIsDNSSubdomain,
  tooLong,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { ClusterTrustBundle } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { validateSignerName } from '../core/validation/signer-name.ts';
import type { KindBehaviour } from '../kind.ts';
import { column, nameColumn, NONE } from '../printing/index.ts';
import { pemBlocks, type PemBlock } from './pem.ts';

const SIGNER = fieldPath('spec', 'signerName');
const BUNDLE = fieldPath('spec', 'trustBundle');
const MAX_BUNDLE = 1024 * 1024;
const OMITTED = '<value omitted>';

/** Certificates that workloads trust, of one signer or of nobody's in particular. */
export const clusterTrustBundle: KindBehaviour<ClusterTrustBundle> = {
  group: 'certificates.k8s.io',
  kind: 'ClusterTrustBundle',
  columns: [nameColumn, column<ClusterTrustBundle>('SignerName', ({ spec }) => spec.signerName || NONE)],
  strategy: {
    validate: (each: ClusterTrustBundle) => [...validateNames(each), ...validateBundle(each.spec.trustBundle)],
    validateUpdate: (next: ClusterTrustBundle, old: ClusterTrustBundle) => [
      ...validateNames(next),
      ...(next.spec.trustBundle === old.spec.trustBundle ? [] : validateBundle(next.spec.trustBundle)),
      ...validateImmutableField(next.spec.signerName ?? '', old.spec.signerName ?? '', SIGNER),
    ],
    updateChecks: ['metadata', 'update', 'metadataUpdate'],
    // The name depends on the signer, so it is checked with the spec.
    validateName: () => [],
    allowUnconditionalUpdate: false,
    selectableFields: {
      'metadata.name': ({ metadata }: ClusterTrustBundle) => metadata.name ?? '',
      'spec.signerName': ({ spec }: ClusterTrustBundle) => spec.signerName ?? '',
    },
    exactFieldLabels: true,
  },
};

function validateNames({ metadata: { name = '' }, spec: { signerName = '' } }: ClusterTrustBundle): FieldError[] {
  const errors: FieldError[] = [];
  pushInvalid(errors, fieldPath('metadata', 'name'), name, nameProblems(name, signerName));
  if (signerName) validateSignerName(signerName, SIGNER, errors);
  return errors;
}

/** `example.com/signer` owns the names that begin with `example.com:signer:`. */
function nameProblems(name: string, signerName: string): string[] {
  if (!signerName) {
    return name.includes(':')
      ? ['ClusterTrustBundle without signer name must not have ":" in its name']
      : nameIsDNSSubdomain(name, false);
  }
  const prefix = `${signerName.replaceAll('/', ':')}:`;
  if (!name.startsWith(prefix))
    return [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`];
  return nameIsDNSSubdomain(name.slice(prefix.length), false);
}

function validateBundle(bundle: string): FieldError[] {
  if (bundle.length > MAX_BUNDLE) return [tooLong(BUNDLE, MAX_BUNDLE)];
  const complaint = (detail: string): FieldError => invalidValue(BUNDLE, OMITTED, detail);
  const blocks = pemBlocks(bundle);
  const problems = blocks.flatMap((block, index) => {
    const problem = anchorProblem(block);
    return problem ? [complaint(`entry ${index} ${problem}`)] : [];
  });
  if (problems.length > 0) return problems;
  if (blocks.length === 0) return [complaint('at least one trust anchor must be provided')];
  const places = new Map<string, number[]>();
  blocks.forEach(({ bytes }, index) => {
    const key = bytes.toString('base64');
    places.set(key, [...(places.get(key) ?? []), index]);
  });
  return [...places.values()]
    .filter((each) => each.length > 1)
    .map((each) => complaint(`duplicate trust anchor (indices [${each.join(' ')}])`));
}

function anchorProblem({ type, hasHeaders, bytes }: PemBlock): string | undefined {
  if (type !== 'CERTIFICATE') return `has bad block type: ${type}`;
  if (hasHeaders) return 'has PEM block headers';
  try {
    return new X509Certificate(bytes).ca ? undefined : 'does not have the CA bit set';
  } catch {
    return 'does not parse as X.509';
  }
}
