import {
  duplicate,
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  isDNS1035Label,
  isDNS1123Subdomain,
  isQualifiedName,
  nameIsDNSSubdomain,
  required,
} from '@pilothouse/apimachinery';
import type { ServerStorageVersion, StorageVersion, StorageVersionCondition } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, UNSET } from '../printing/index.ts';

const STATUS = fieldPath('status');
const SHOWN = 3;

/** Which version each apiserver of a cluster stores a resource in. */
export const storageVersion: KindBehaviour<StorageVersion> = {
  group: 'internal.apiserver.k8s.io',
  kind: 'StorageVersion',
  columns: [
    nameColumn,
    column<StorageVersion>('CommonEncodingVersion', ({ status }) => status?.commonEncodingVersion ?? UNSET),
    column<StorageVersion>('StorageVersions', versionsCell),
    ageColumn,
  ],
  strategy: {
    validate: validateStatus,
    validateUpdate: () => [],
    validateName: nameProblems,
    allowUnconditionalUpdate: false,
  },
  subresources: { status: { strategy: { validateUpdate: validateStatus } } },
};

function versionsCell({ status }: StorageVersion): string {
  const texts = (status?.storageVersions ?? []).map(
    ({ apiServerID, encodingVersion }) => `${apiServerID}=${encodingVersion}`,
  );
  if (texts.length === 0) return UNSET;
  const shown = texts.slice(0, SHOWN).join(',');
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown;
}

function nameProblems(name: string): string[] {
  const dot = name.lastIndexOf('.');
  if (dot < 0) return ['name must be in the form of <group>.<resource>'];
  return [
    ...isDNS1123Subdomain(name.slice(0, dot)).map((problem) => `the group segment ${problem}`),
    ...isDNS1035Label(name.slice(dot + 1)).map((problem) => `the resource segment ${problem}`),
  ];
}

function validateStatus({ status }: StorageVersion): FieldError[] {
  const errors: FieldError[] = [];
  const servers = status?.storageVersions ?? [];
  servers.forEach((server, index) => {
    const at = STATUS.child('storageVersions').index(index);
    if (servers.findIndex(({ apiServerID }) => apiServerID === server.apiServerID) < index) {
      errors.push(duplicate(at.child('apiServerID'), server.apiServerID));
    }
    validateServer(server, at, errors);
  });
  validateCommonVersion(servers, status?.commonEncodingVersion, errors);
  validateServerConditions(status?.conditions ?? [], errors);
  return errors;
}

function validateServer(server: ServerStorageVersion, path: FieldPath, errors: FieldError[]): void {
  const { apiServerID = '', encodingVersion = '', servedVersions = [] } = server;
  const decodable = server.decodableVersions ?? [];
  const check = (version: string, at: FieldPath): void => {
    const problems = apiVersionProblems(version);
    if (problems.length > 0) errors.push(invalidValue(at, version, problems.join(',')));
  };
  pushInvalid(errors, path.child('apiServerID'), apiServerID, nameIsDNSSubdomain(apiServerID, false));
  check(encodingVersion, path.child('encodingVersion'));
  decodable.forEach((version, index) => check(version, path.child('decodableVersions').index(index)));
  if (!decodable.includes(encodingVersion)) {
    errors.push(
      invalidValue(
        path.child('decodableVersions'),
        decodable,
        `decodableVersions must include encodingVersion ${encodingVersion}`,
      ),
    );
  }
  servedVersions.forEach((version, index) => {
    const at = path.child('servedVersions').index(index);
    check(version, at);
    if (decodable.includes(version)) return;
    errors.push(
      invalidValue(
        at,
        version,
        `individual served version : ${version} must be included in decodableVersions : [${decodable.join(' ')}]`,
      ),
    );
  });
}

function validateCommonVersion(
  servers: readonly ServerStorageVersion[],
  given: string | undefined,
  errors: FieldError[],
): void {
  const at = STATUS.child('commonEncodingVersion');
  const [first] = servers;
  const common =
    first && servers.every(({ encodingVersion }) => encodingVersion === first.encodingVersion)
      ? first.encodingVersion
      : undefined;
  if (common === given) return;
  if (common === undefined) {
    const problem =
      'should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet';
    errors.push(invalidValue(at, given, problem));
  } else if (given === undefined) errors.push(invalidValue(at, undefined, `the common encoding version is ${common}`));
  else errors.push(invalidValue(at, given, `the actual common encoding version is ${common}`));
}

function validateServerConditions(conditions: readonly StorageVersionCondition[], errors: FieldError[]): void {
  const seen = new Map<string, number>();
  conditions.forEach(({ type = '', status = '', reason, message }, index) => {
    const at = STATUS.index(index);
    const before = seen.get(type);
    if (before !== undefined) {
      errors.push(
        invalidValue(
          at.child('type'),
          type,
          `the type of the condition is not unique, it also appears in conditions[${before}]`,
        ),
      );
    }
    seen.set(type, index);
    pushInvalid(errors, at.child('type'), type, isQualifiedName(type));
    // The value that upstream shows is the type.
    pushInvalid(errors, at.child('status'), type, isQualifiedName(status));
    if (!reason) errors.push(required(at.child('reason'), 'reason cannot be empty'));
    if (!message) errors.push(required(at.child('message'), 'message cannot be empty'));
  });
}

function apiVersionProblems(apiVersion: string): string[] {
  const parts = apiVersion.split('/');
  if (parts.length > 2) {
    return [
      "an apiVersion is a DNS-1035 label, which must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyVersion')",
    ];
  }
  const version = parts.at(-1)!;
  const group = parts.length === 2 ? parts[0]! : undefined;
  const prefixed = (part: string, problems: readonly string[]): string[] =>
    problems.map((problem) => `${part} part: ${problem}`);
  return [
    ...(group === undefined
      ? []
      : group === ''
        ? ['group part: must be non-empty']
        : prefixed('group', isDNS1123Subdomain(group))),
    ...(version === '' ? ['version part: must be non-empty'] : prefixed('version', isDNS1035Label(version))),
  ];
}
