import { type FieldError, type FieldPath, fieldPath, invalidValue, required } from '@pilothouse/apimachinery';
import { parseDurationMs } from '@pilothouse/component';
import type {
  EncryptionConfiguration,
  KeyedProvider,
  KmsProvider,
  ProviderConfiguration,
} from './encryption-configuration.ts';

const PROVIDERS = 'KMS, AESGCM, AESCBC, Secretbox, Identity';
const AES_KEYS = [16, 24, 32];
const SECRETBOX_KEYS = [32];
const KINDS = ['kms', 'aesgcm', 'aescbc', 'secretbox', 'identity'] as const;

/** In upstream's order and words. Secrets are not repeated. */
export function validateEncryption({ resources = [] }: EncryptionConfiguration): FieldError[] {
  const root = fieldPath('resources');
  if (resources.length === 0) return [required(root, 'at least one resources is required')];
  const errors: FieldError[] = [];
  const kmsNames = new Set<string>();
  resources.forEach((each, i) => {
    const [names, providers] = [each.resources ?? [], each.providers ?? []];
    const at = root.index(i).child('resources');
    const providersAt = root.index(i).child('providers');
    if (names.length === 0) errors.push(required(at, `at least one ${at.text} is required`));
    validateOverlap(names, at, errors);
    names.forEach((name, j) => {
      const problem = resourceProblem(name);
      if (problem) errors.push(invalidValue(at.index(j), name, problem));
    });
    if (providers.length === 0) errors.push(required(providersAt, `at least one ${providersAt.text} is required`));
    providers.forEach((provider, j) => validateProvider(provider, providersAt.index(j), kmsNames, errors));
  });
  return errors;
}

function validateOverlap(names: readonly string[], at: FieldPath, errors: FieldError[]): void {
  if (new Set(names).size < names.length)
    errors.push(invalidValue(at, names, 'the same resource cannot be specified multiple times'));
  const different = [...new Set(names)];
  const groupOf = (name: string) => (name.includes('.') ? name.slice(name.indexOf('.') + 1) : '');
  const masked = different.some(
    (one) =>
      different.length > 1 &&
      (one === '*.*' ||
        (one.startsWith('*.') && different.some((other) => other !== one && groupOf(other) === groupOf(one)))),
  );
  if (masked) {
    errors.push(
      invalidValue(
        at,
        names,
        "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
      ),
    );
  }
}

const NO_REST_API = new Set(['apiserveripinfo', 'serviceipallocations', 'servicenodeportallocations']);

function resourceProblem(name: string): string | undefined {
  if (name.toLowerCase() !== name) return 'resource name should not contain capital letters';
  if (name === '*') return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  if (NO_REST_API.has(name)) return 'resources which do not have REST API/s cannot be encrypted';
  const dot = name.indexOf('.');
  const group = dot < 0 ? '' : name.slice(dot + 1);
  if (group === 'events.k8s.io') {
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  }
  if (group === 'extensions') return "'extensions' group has been removed and cannot be used for encryption";
  if (group === '*' && name !== '*.*') return 'encrypting the same resource across groups is not supported';
  return undefined;
}

function validateProvider(
  provider: ProviderConfiguration,
  at: FieldPath,
  kmsNames: Set<string>,
  errors: FieldError[],
): void {
  const given = KINDS.filter((kind) => provider[kind] !== undefined && provider[kind] !== null);
  // The secrets stay where they are.
  const shown = given.join(', ');
  if (given.length === 0) {
    errors.push(invalidValue(at, shown, `provider does not contain any of the expected providers: ${PROVIDERS}`));
  } else if (given.length > 1) {
    const why = 'more than one provider specified in a single element, should split into different list elements';
    errors.push(invalidValue(at, shown, why));
  }
  if (provider.kms) validateKms(provider.kms, at.child('kms'), kmsNames, errors);
  else if (provider.aesgcm) validateKeys(provider.aesgcm, at.child('aesgcm', 'keys'), AES_KEYS, errors);
  else if (provider.aescbc) validateKeys(provider.aescbc, at.child('aescbc', 'keys'), AES_KEYS, errors);
  else if (provider.secretbox) validateKeys(provider.secretbox, at.child('secretbox', 'keys'), SECRETBOX_KEYS, errors);
}

function validateKeys({ keys = [] }: KeyedProvider, at: FieldPath, lengths: number[], errors: FieldError[]): void {
  if (keys.length === 0) errors.push(required(at, 'at least one keys is required'));
  keys.forEach(({ name = '', secret = '' }, i) => {
    const secretAt = at.index(i).child('secret');
    if (name === '') errors.push(required(at.index(i).child('name'), 'name is a mandatory field for a key'));
    if (secret === '') {
      errors.push(required(secretAt, 'secret is a mandatory field for a key'));
      return;
    }
    const bytes = Buffer.from(secret, 'base64');
    if (bytes.toString('base64') !== secret) {
      errors.push(invalidValue(secretAt, 'REDACTED', 'secrets must be base64 encoded'));
    } else if (!lengths.includes(bytes.length)) {
      const why = `secret is not of the expected length, got ${bytes.length}, expected one of [${lengths.join(' ')}]`;
      errors.push(invalidValue(secretAt, 'REDACTED', why));
    }
  });
}

function validateKms(kms: KmsProvider, at: FieldPath, names: Set<string>, errors: FieldError[]): void {
  const { name = '', apiVersion = 'v1', endpoint = '', timeout = '3s', cachesize } = kms;
  if (name === '') errors.push(required(at.child('name'), 'name is a mandatory field for a provider'));
  if (name.includes(':')) {
    errors.push(invalidValue(at.child('name'), name, `invalid KMS provider name ${name}, must not contain ':'`));
  }
  if (names.has(name)) {
    errors.push(invalidValue(at.child('name'), name, `duplicate KMS provider name ${name}, names must be unique`));
  }
  names.add(name);
  if (!((parseDurationMs(timeout) ?? 0) > 0)) {
    errors.push(invalidValue(at.child('timeout'), timeout, 'timeout should be a positive value'));
  }
  if (endpoint === '') errors.push(invalidValue(at.child('endpoint'), '', 'endpoint is a mandatory field for a kms'));
  else if (!endpoint.startsWith('unix:')) {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(endpoint)?.[1] ?? '';
    const why = `unsupported scheme "${scheme}" for KMS provider, only unix is supported`;
    errors.push(invalidValue(at.child('endpoint'), endpoint, why));
  }
  if (apiVersion !== 'v1' && cachesize !== undefined) {
    errors.push(invalidValue(at.child('cachesize'), cachesize, 'cachesize is not supported in v2'));
  }
  if (apiVersion === 'v1') {
    // Upstream has it behind a gate that is off.
    const why = 'KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.';
    errors.push(invalidValue(at.child('apiVersion'), apiVersion, why));
  } else if (apiVersion !== 'v2') {
    const why = `unsupported apiVersion ${apiVersion} for KMS provider, only v1 and v2 are supported`;
    errors.push(invalidValue(at.child('apiVersion'), apiVersion, why));
  }
}
