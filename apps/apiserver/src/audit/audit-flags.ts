import { flag } from '@pilothouse/component';

const MODES = 'batch, blocking, blocking-strict';
const UP_TO = 'Bytes of an event beyond which its objects are left out.';
const BATCH_UP_TO = 'Bytes of a batch beyond which it is divided.';

/** https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ */
export const AUDIT_FLAGS = {
  'audit-log-batch-buffer-size': flag.int({ default: 10_000, description: 'Events that may wait in batch mode.' }),
  'audit-log-batch-max-size': flag.int({ default: 1, description: 'Events of a batch.' }),
  'audit-log-batch-max-wait': flag.duration({ description: 'How long a batch waits to be full.' }),
  'audit-log-batch-throttle-burst': flag.int({ description: 'Batches that may go at once.' }),
  'audit-log-batch-throttle-enable': flag.bool({ description: 'Whether batches are throttled.' }),
  'audit-log-batch-throttle-qps': flag.float({ description: 'Batches a second.' }),
  'audit-log-compress': flag.bool({ description: 'Whether full audit logs are compressed.' }),
  'audit-log-format': flag.string({ default: 'json', description: 'How events are written: json.' }),
  'audit-log-maxage': flag.int({ description: 'Days for which full audit logs are kept; 0 for ever.' }),
  'audit-log-maxbackup': flag.int({ description: 'How many full audit logs are kept; 0 for all.' }),
  'audit-log-maxsize': flag.int({
    default: 100,
    description: 'Megabytes after which an audit log is full; 0 for never.',
  }),
  'audit-log-mode': flag.string({ default: 'blocking', description: `How events are written: ${MODES}.` }),
  'audit-log-path': flag.string({ description: 'Where audit events go: a file, or - for standard output.' }),
  'audit-log-truncate-enabled': flag.bool({ description: 'Whether large events lose their objects.' }),
  'audit-log-truncate-max-batch-size': flag.int({ default: 10 * 2 ** 20, description: BATCH_UP_TO }),
  'audit-log-truncate-max-event-size': flag.int({ default: 100 * 2 ** 10, description: UP_TO }),
  'audit-log-version': flag.string({ default: 'audit.k8s.io/v1', description: 'Version of the events.' }),
  'audit-policy-file': flag.string({ description: 'What is audited: an audit.k8s.io/v1 Policy.' }),
  'audit-webhook-batch-buffer-size': flag.int({ default: 10_000, description: 'Events that may wait in batch mode.' }),
  'audit-webhook-batch-max-size': flag.int({ default: 400, description: 'Events of a batch.' }),
  'audit-webhook-batch-max-wait': flag.duration({ default: 30_000, description: 'How long a batch waits to be full.' }),
  'audit-webhook-batch-throttle-burst': flag.int({ default: 15, description: 'Batches that may go at once.' }),
  'audit-webhook-batch-throttle-enable': flag.bool({ default: true, description: 'Whether batches are throttled.' }),
  'audit-webhook-batch-throttle-qps': flag.float({ default: 10, description: 'Batches a second.' }),
  'audit-webhook-config-file': flag.string({ description: 'The service that audit events go to: a kubeconfig.' }),
  'audit-webhook-initial-backoff': flag.duration({ default: 10_000, description: 'How long to wait after a failure.' }),
  'audit-webhook-mode': flag.string({ default: 'batch', description: `How events are sent: ${MODES}.` }),
  'audit-webhook-truncate-enabled': flag.bool({ description: 'Whether large events lose their objects.' }),
  'audit-webhook-truncate-max-batch-size': flag.int({ default: 10 * 2 ** 20, description: BATCH_UP_TO }),
  'audit-webhook-truncate-max-event-size': flag.int({ default: 100 * 2 ** 10, description: UP_TO }),
  'audit-webhook-version': flag.string({ default: 'audit.k8s.io/v1', description: 'Version of the events.' }),
} as const;
