import type { Schema } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';

/** A query parameter, before it is written in either version of OpenAPI. */
export interface QueryParameter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
}

const parameter = (name: string, type: QueryParameter['type'], description: string): QueryParameter => ({
  name,
  type,
  description,
});

export const PRETTY = parameter('pretty', 'string', "With 'true', the answer is indented for reading.");

const DRY_RUN = parameter('dryRun', 'string', "'All' runs every stage of the request but stores nothing.");
const LABEL_SELECTOR = parameter('labelSelector', 'string', 'Restrict to objects whose labels match.');
const RESOURCE_VERSION = parameter('resourceVersion', 'string', 'Which version to read from.');

/** What a custom resource is read with: its GetOptions. Upstream does not publish them of built-in resources. */
export const GET_PARAMETERS: readonly QueryParameter[] = [RESOURCE_VERSION];

/** Of a list that deletes: as of one that reads, but it cannot be watched. */
const SELECTION: readonly QueryParameter[] = [
  parameter('continue', 'string', 'Continue a list that was cut at its limit.'),
  parameter('fieldSelector', 'string', 'Restrict to objects whose fields match.'),
  LABEL_SELECTOR,
  parameter('limit', 'integer', 'At most so many items; the rest is behind a continue token.'),
  RESOURCE_VERSION,
  parameter('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  parameter('sendInitialEvents', 'boolean', 'Begin a watch with the objects that exist.'),
  parameter(
    'shardSelector',
    'string',
    'Restrict to objects whose hashes are in a range. Alpha: without effect unless ShardedListAndWatch is on.',
  ),
  parameter('timeoutSeconds', 'integer', 'End the call after so many seconds.'),
];

export const LIST_PARAMETERS: readonly QueryParameter[] = [
  parameter('allowWatchBookmarks', 'boolean', 'Ask for BOOKMARK events in a watch.'),
  ...SELECTION,
  parameter('watch', 'boolean', 'Stream changes instead of returning a list.'),
];

const FIELD_MANAGER = parameter(
  'fieldManager',
  'string',
  'Name of the actor, to whom the changed fields are ascribed.',
);
const FIELD_VALIDATION = parameter(
  'fieldValidation',
  'string',
  'What to do about unknown and duplicate fields: Ignore, Warn or Strict.',
);

export const WRITE_PARAMETERS: readonly QueryParameter[] = [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION];

export const PATCH_PARAMETERS: readonly QueryParameter[] = [
  DRY_RUN,
  { ...FIELD_MANAGER, description: `${FIELD_MANAGER.description} An apply must have one.` },
  FIELD_VALIDATION,
  parameter('force', 'boolean', 'Take fields from other managers when applying.'),
];

export const DELETE_PARAMETERS: readonly QueryParameter[] = [
  DRY_RUN,
  parameter('gracePeriodSeconds', 'integer', 'Seconds before the object is deleted; 0 deletes at once.'),
  parameter(
    'ignoreStoreReadErrorWithClusterBreakingPotential',
    'boolean',
    'Delete an object that cannot be read from the store.',
  ),
  parameter('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
  parameter('propagationPolicy', 'string', 'What becomes of dependents: Orphan, Background or Foreground.'),
];

export const COLLECTION_DELETE_PARAMETERS: readonly QueryParameter[] = [...SELECTION, ...DELETE_PARAMETERS];

const OPTION_DESCRIPTIONS: Readonly<Record<string, string>> = {
  command: 'The program to run and its arguments; no shell is involved.',
  container: 'Which container; may be left out where the pod has but one.',
  follow: 'Stay, and send what is written from now on.',
  insecureSkipTLSVerifyBackend: "Do not verify the kubelet's certificate.",
  limitBytes: 'End after so many bytes.',
  path: 'The path of the request that is passed on.',
  ports: 'The ports that are forwarded.',
  previous: 'The log of the run before the last restart.',
  sinceSeconds: 'Only what was written in the last so many seconds.',
  stderr: 'Whether the error output is passed on.',
  stdin: 'Whether the input is passed on.',
  stdout: 'Whether the output is passed on.',
  stream: 'Which stream of the log: All, Stdout or Stderr.',
  tailLines: 'Only the last so many lines.',
  timestamps: 'Write the time before each line.',
  tty: 'Whether there is a terminal.',
};

/** The fields of an options kind (`PodExecOptions`) that can stand in a query: those of plain types, as upstream has it. */
export function optionParameters(kind: string): QueryParameter[] {
  const parameters: QueryParameter[] = [];
  for (const { name, schema } of schemaFor('', 'v1', kind)?.properties.values() ?? []) {
    const type = plainType(schema);
    if (type) parameters.push(parameter(name, type, OPTION_DESCRIPTIONS[name] ?? name));
  }
  return parameters;
}

function plainType(schema: Schema): QueryParameter['type'] | undefined {
  switch (schema.type) {
    case 'string':
    case 'integer':
    case 'boolean':
      return schema.type;
    case 'list':
      return plainType(schema.items);
    default:
      return undefined;
  }
}
