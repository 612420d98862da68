import { parse } from 'yaml';
import {
  checkExtenderFields,
  extenderProblems,
  type ExtenderConfiguration,
} from '../extenders/extender-configuration.ts';
import { DEFAULT_SCHEDULER_NAME } from './default-profile.ts';

/** The extension points a configuration can name, `multiPoint` standing for all of them. */
export const EXTENSION_POINTS = [
  'multiPoint',
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;

export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

export interface PluginSet {
  readonly enabled?: readonly { readonly name: string; readonly weight?: number }[];
  /** `*` disables all that would be there by default. */
  readonly disabled?: readonly { readonly name: string }[];
}

export interface SchedulerProfile {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: Partial<Record<ExtensionPoint, PluginSet>>;
  readonly pluginConfig?: readonly { readonly name: string; readonly args?: Readonly<Record<string, unknown>> }[];
}

export interface LeaderElectionConfiguration {
  readonly leaderElect?: boolean;
  readonly leaseDuration?: string;
  readonly renewDeadline?: string;
  readonly retryPeriod?: string;
  readonly resourceLock?: string;
  readonly resourceName?: string;
  readonly resourceNamespace?: string;
}

/** `KubeSchedulerConfiguration` of `kubescheduler.config.k8s.io/v1`, as far as it is used. */
export interface SchedulerConfiguration {
  readonly profiles: readonly SchedulerProfile[];
  /** Accepted without effect: filters run one after the other. */
  readonly parallelism: number;
  readonly percentageOfNodesToScore: number;
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  readonly leaderElection: LeaderElectionConfiguration;
  readonly extenders: readonly ExtenderConfiguration[];
  readonly clientConnection: { readonly kubeconfig?: string; readonly qps?: number; readonly burst?: number };
}

const API_VERSION = 'kubescheduler.config.k8s.io/v1';

/** https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/ */
const FIELDS = [
  'apiVersion',
  'kind',
  'parallelism',
  'leaderElection',
  'clientConnection',
  'enableProfiling',
  'enableContentionProfiling',
  'percentageOfNodesToScore',
  'podInitialBackoffSeconds',
  'podMaxBackoffSeconds',
  'profiles',
  'extenders',
  'delayCacheUntilActive',
];
const PROFILE_FIELDS = ['schedulerName', 'percentageOfNodesToScore', 'plugins', 'pluginConfig'];

export function defaultConfiguration(): SchedulerConfiguration {
  return {
    profiles: [{ schedulerName: DEFAULT_SCHEDULER_NAME }],
    parallelism: 16,
    percentageOfNodesToScore: 0,
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 10,
    leaderElection: {},
    extenders: [],
    clientConnection: {},
  };
}

/** Reads a configuration file's text, YAML or JSON; throws an Error that says what is wrong with it. */
export function parseConfiguration(text: string): SchedulerConfiguration {
  const document: unknown = parse(text);
  if (!isRecord(document)) throw new Error('the scheduler configuration is not an object');
  if (document['apiVersion'] !== API_VERSION || document['kind'] !== 'KubeSchedulerConfiguration') {
    throw new Error(
      `no kind "${String(document['kind'])}" is registered for version "${String(document['apiVersion'])}"; want KubeSchedulerConfiguration of ${API_VERSION}`,
    );
  }
  checkFields(document, FIELDS, '');
  checkExtenderFields((document['extenders'] ?? []) as readonly ExtenderConfiguration[]);
  const given = document as Partial<SchedulerConfiguration>;
  const defaults = defaultConfiguration();
  const configuration: SchedulerConfiguration = {
    ...defaults,
    ...definedOf(given),
    profiles: (given.profiles?.length ? given.profiles : defaults.profiles).map(readProfile),
  };
  const problems = problemsOf(configuration);
  if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`);
  return withIgnoredResources(configuration);
}

/** What an extender counts by itself, NodeResourcesFit must not count. */
function withIgnoredResources(configuration: SchedulerConfiguration): SchedulerConfiguration {
  const ignored = configuration.extenders
    .flatMap(({ managedResources = [] }) => managedResources)
    .filter(({ ignoredByScheduler }) => ignoredByScheduler)
    .map(({ name }) => name);
  if (ignored.length === 0) return configuration;
  const fit = 'NodeResourcesFit';
  const profiles = configuration.profiles.map((profile) => {
    const given = profile.pluginConfig?.find(({ name }) => name === fit)?.args ?? {};
    const own = (given['ignoredResources'] ?? []) as readonly string[];
    const args = { ...given, ignoredResources: [...own, ...ignored] };
    const others = (profile.pluginConfig ?? []).filter(({ name }) => name !== fit);
    return { ...profile, pluginConfig: [...others, { name: fit, args }] };
  });
  return { ...configuration, profiles };
}

function readProfile(profile: Partial<SchedulerProfile>, index: number): SchedulerProfile {
  const path = `profiles[${index}]`;
  if (!isRecord(profile)) throw new Error(`${path}: not an object`);
  checkFields(profile, PROFILE_FIELDS, path);
  checkFields(profile.plugins ?? {}, EXTENSION_POINTS, `${path}.plugins`);
  return { ...profile, schedulerName: profile.schedulerName ?? DEFAULT_SCHEDULER_NAME };
}

/** Everything that is wrong, in upstream's order and words. */
function problemsOf(configuration: SchedulerConfiguration): string[] {
  const { leaderElection, parallelism, profiles, percentageOfNodesToScore } = configuration;
  const { podInitialBackoffSeconds: initial, podMaxBackoffSeconds: max, extenders } = configuration;
  const problems: string[] = [];
  const check = (isFine: boolean, problem: string): void => void (isFine || problems.push(problem));
  const { leaderElect = true, resourceLock = 'leases' } = leaderElection;
  check(
    !leaderElect || resourceLock === 'leases',
    `leaderElection.resourceLock: Invalid value: "${resourceLock}": resourceLock value must be "leases"`,
  );
  check(parallelism > 0, `parallelism: Invalid value: ${parallelism}: should be an integer value greater than zero`);
  const names = new Set<string>();
  profiles.forEach(({ schedulerName, percentageOfNodesToScore: ofProfile }, i) => {
    check(schedulerName !== '', `profiles[${i}].schedulerName: Required value`);
    if (ofProfile !== undefined) check(...percentage(ofProfile, `profiles[${i}].percentageOfNodesToScore`));
    check(!names.has(schedulerName), `profiles[${i}].schedulerName: Duplicate value: "${schedulerName}"`);
    names.add(schedulerName);
  });
  check(...percentage(percentageOfNodesToScore, 'percentageOfNodesToScore'));
  check(initial > 0, `podInitialBackoffSeconds: Invalid value: ${initial}: must be greater than 0`);
  check(
    max >= initial,
    `podMaxBackoffSeconds: Invalid value: ${max}: must be greater than or equal to PodInitialBackoffSeconds`,
  );
  return [...problems, ...extenderProblems(extenders)];
}

function percentage(value: number, path: string): [boolean, string] {
  return [value >= 0 && value <= 100, `${path}: Invalid value: ${value}: not in valid range [0-100]`];
}

function checkFields(object: object, known: readonly string[], path: string): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name))
      throw new Error(`strict decoding error: unknown field "${path === '' ? name : `${path}.${name}`}"`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function definedOf<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null)) as T;
}
