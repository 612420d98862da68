import type { autoscalingV1, autoscalingV2 } from '@pilothouse/api';

/** Metrics in the flat shapes of autoscaling/v1, which stand in its annotations only. */
type V1Spec = autoscalingV1.MetricSpec;
type V2Spec = autoscalingV2.MetricSpec;
type V1Status = autoscalingV1.MetricStatus;
type V2Status = autoscalingV2.MetricStatus;

type Fields = Readonly<Record<string, unknown>>;

/** A field of a metric's source, in v1 and, as a path, in v2. */
interface Correspondence {
  readonly v1: string;
  readonly v2: string;
  /** v1 cannot leave it out: there zero, which is no valid target, means that there is none. */
  readonly isRequired?: boolean;
}

const NO_QUANTITY = '0';

const same = (name: string): Correspondence => ({ v1: name, v2: name });
const field = (v1: string, v2: string): Correspondence => ({ v1, v2 });
const required = (v1: string, v2: string): Correspondence => ({ v1, v2, isRequired: true });

/** By source, in the order in which Go writes the fields of v1: clients may compare the annotation as text. */
type Table = Readonly<
  Record<'object' | 'pods' | 'resource' | 'containerResource' | 'external', readonly Correspondence[]>
>;

const RESOURCE_TARGET = [
  field('targetAverageUtilization', 'target.averageUtilization'),
  field('targetAverageValue', 'target.averageValue'),
];
const SPEC: Table = {
  object: [
    field('target', 'describedObject'),
    field('metricName', 'metric.name'),
    required('targetValue', 'target.value'),
    field('selector', 'metric.selector'),
    field('averageValue', 'target.averageValue'),
  ],
  pods: [
    field('metricName', 'metric.name'),
    required('targetAverageValue', 'target.averageValue'),
    field('selector', 'metric.selector'),
  ],
  resource: [same('name'), ...RESOURCE_TARGET],
  containerResource: [same('name'), ...RESOURCE_TARGET, same('container')],
  external: [
    field('metricName', 'metric.name'),
    field('metricSelector', 'metric.selector'),
    field('targetValue', 'target.value'),
    field('targetAverageValue', 'target.averageValue'),
  ],
};

const RESOURCE_CURRENT = [
  field('currentAverageUtilization', 'current.averageUtilization'),
  required('currentAverageValue', 'current.averageValue'),
];
const STATUS: Table = {
  object: [
    field('target', 'describedObject'),
    field('metricName', 'metric.name'),
    required('currentValue', 'current.value'),
    field('selector', 'metric.selector'),
    field('averageValue', 'current.averageValue'),
  ],
  pods: [
    field('metricName', 'metric.name'),
    required('currentAverageValue', 'current.averageValue'),
    field('selector', 'metric.selector'),
  ],
  resource: [same('name'), ...RESOURCE_CURRENT],
  containerResource: [same('name'), ...RESOURCE_CURRENT, same('container')],
  external: [
    field('metricName', 'metric.name'),
    field('metricSelector', 'metric.selector'),
    required('currentValue', 'current.value'),
    field('currentAverageValue', 'current.averageValue'),
  ],
};

const SOURCES = Object.keys(SPEC) as readonly (keyof Table)[];

export const toV1Metric = (metric: V2Spec): V1Spec => convert(metric, (source, each) => flatten(SPEC[source], each));

export const fromV1Metric = (metric: V1Spec): V2Spec =>
  convert(metric, (source, each) => {
    const deep = deepen(SPEC[source], each);
    return { ...deep, target: { type: targetTypeOf(source, each), ...(deep['target'] as object | undefined) } };
  });

export const toV1MetricStatus = (metric: V2Status): V1Status =>
  convert(metric, (source, each) => flatten(STATUS[source], each));

export const fromV1MetricStatus = (metric: V1Status): V2Status =>
  convert(metric, (source, each) => ({ current: {}, ...deepen(STATUS[source], each) }));

function convert<A extends { readonly type: string }, B>(
  metric: A,
  source: (name: keyof Table, value: Fields) => Fields,
): B {
  const given = SOURCES.filter((name) => (metric as Fields)[name]);
  const converted = given.map((name) => [name, source(name, (metric as Fields)[name] as Fields)]);
  return { type: metric.type, ...Object.fromEntries(converted) } as B;
}

/** v1 does not say what kind of target there is; the values tell. */
function targetTypeOf(source: keyof Table, v1: Fields): string {
  if (source === 'object') return v1['averageValue'] === undefined ? 'Value' : 'AverageValue';
  if (source === 'external') return v1['targetValue'] === undefined ? 'AverageValue' : 'Value';
  return v1['targetAverageUtilization'] === undefined ? 'AverageValue' : 'Utilization';
}

function flatten(table: readonly Correspondence[], v2: Fields): Fields {
  const entries = table.map(({ v1, v2: path, isRequired }) => {
    const value = path.split('.').reduce<unknown>((each, name) => (each as Fields | undefined)?.[name], v2);
    return [v1, value ?? (isRequired ? NO_QUANTITY : undefined)] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function deepen(table: readonly Correspondence[], v1: Fields): Fields {
  const result: Record<string, unknown> = {};
  for (const { v1: name, v2: path, isRequired } of table) {
    const value = v1[name];
    if (value === undefined || (isRequired && value === NO_QUANTITY)) continue;
    const [outer = '', inner] = path.split('.');
    result[outer] = inner === undefined ? value : { ...(result[outer] as object | undefined), [inner]: value };
  }
  return result;
}
