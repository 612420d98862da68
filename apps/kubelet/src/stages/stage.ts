/**
 * A stage is one simulated behaviour as data, in the manner of KWOK: while a subject is in a state and the selector
 * matches, then after a delay it goes to the next state. The stages are an ordered list; the first that matches a
 * subject is the one that plays. The same shape is what a `--stages` file holds.
 */
export interface Stage {
  /** kebab-case, unique; shows in logs and traces. */
  readonly name: string;
  readonly for: SubjectKind;
  readonly selector: StageSelector;
  /** Without one the next state follows at once. Divided by `--speed`. */
  readonly delay?: StageDelay;
  /** Left out, the subject is held in its state for as long as the selector matches. */
  readonly next?: StageNext;
}

/** What is simulated, and the states each goes through; every subject starts in the first. */
export const SUBJECT_STATES = {
  /** The pod's network and cgroup. */
  sandbox: ['creating', 'ready', 'stopping', 'stopped'],
  /** One pull of one image for one container. */
  image: ['pulling', 'pulled', 'failed'],
  /** One attempt of one container. */
  container: ['created', 'running', 'stopping', 'exited'],
  /** What the startup and readiness probes of a running container find. */
  probe: ['starting', 'started', 'ready', 'failing'],
} as const satisfies Record<string, readonly string[]>;

export type SubjectKind = keyof typeof SUBJECT_STATES;
export type SubjectState<K extends SubjectKind = SubjectKind> = (typeof SUBJECT_STATES)[K][number];

export interface StageSelector {
  readonly state: SubjectState;
  /** Of the pod. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** Of the pod, by full key. */
  readonly matchAnnotations?: Readonly<Record<string, string>>;
  /** Over facts: see `FACTS`. All must hold. */
  readonly matchExpressions?: readonly FactExpression[];
}

export interface FactExpression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: readonly string[];
}

export interface StageDelay {
  /** Like `500ms` or `1m30s`. Counted from when the subject entered its state. */
  readonly duration?: string;
  /** The fact that holds the duration; `duration` is then the fallback. */
  readonly durationFrom?: string;
  /** Up to this much more, evenly drawn. */
  readonly jitter?: string;
}

export interface StageNext {
  readonly state: SubjectState;
  /** For `container` → `exited`. A fact's name in `exitCodeFrom` wins where it has a value. */
  readonly exitCode?: number;
  readonly exitCodeFrom?: string;
  /** For `container` → `exited` (default `Completed` or `Error`). */
  readonly reason?: string;
  /** For `image` → `failed` and `container` → `exited`; `{fact}` is replaced by the fact's value. */
  readonly message?: string;
  /** A line for the container's log; `{fact}` is replaced. */
  readonly log?: string;
  /** An event about the pod; `{fact}` is replaced in the message. */
  readonly event?: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };
}

/**
 * Every fact a selector, delay or text may name. A fact that does not apply to the subject does not exist.
 * `annotation.<name>` is the pod's annotation `<container>.pilothouse.dev/<name>`, else `pilothouse.dev/<name>`.
 */
export const FACTS = {
  'pod.name': 'name of the pod',
  'pod.namespace': 'namespace of the pod',
  'pod.node': 'node the pod is bound to',
  'pod.owner': 'kind of the controlling owner: `Job`, `ReplicaSet` …; absent for a bare pod',
  'pod.restartPolicy': '`Always`, `OnFailure` or `Never`',
  'image.name': 'the image as the container names it',
  'image.reference': 'the image with registry and tag: `docker.io/library/nginx:latest`',
  'image.problem': '`not-found` or `unknown-host` when the name says that it cannot be pulled',
  'image.registry': 'host of the registry',
  'image.manifestUrl': 'where the registry would have the image',
  'image.pullTime': 'how long this pull takes: longer for the first on a node',
  'container.name': 'name of the container',
  'container.kind': '`init`, `sidecar`, `regular` or `ephemeral`',
  'container.attempt': 'how many times it was restarted, from 0',
  'container.exitsSpent': '`true` once the annotation `exit-times` has made the container exit that often',
  'container.killed': '`true` when the grace period is over before the container would have stopped',
  'container.stopTime': 'how long it takes to stop after SIGTERM, never longer than its grace period',
  'process.state':
    '`service` (an unknown program, runs until stopped), `serving` (a known one that does), `running` or `ended`',
  'process.exitCode': 'exit code of a command that has ended',
  'probe.startup': 'verdict of the startup probe: `pending`, `succeeded`, `failed` or `assumed`; absent without one',
  'probe.readiness': 'verdict of the readiness probe, likewise',
  'probe.readinessTime': 'the annotation `ready-after`',
  'probe.failure': 'what a failing readiness probe of this kind says',
} as const;

/** The value of a fact, by name, for one subject at this moment. */
export type Facts = (name: string) => string | undefined;
