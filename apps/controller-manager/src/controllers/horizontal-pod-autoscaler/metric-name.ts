import type { autoscalingV2, LabelSelector } from '@pilothouse/api';

/** What a metric is called in conditions and events. */
export function metricName({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: autoscalingV2.MetricSpec): string {
  switch (type) {
    case 'Object':
      return object!.target.type === 'Value'
        ? `${object!.describedObject.kind} metric ${object!.metric.name}`
        : withSelector(object!.metric);
    case 'Pods':
      return `pods metric ${pods!.metric.name}`;
    case 'Resource':
      return resourceName(resource!.name, 'resource', resource!.target);
    case 'ContainerResource':
      return resourceName(containerResource!.name, 'container resource', containerResource!.target);
    default:
      return withSelector(external!.metric);
  }
}

function resourceName(name: string, source: string, target: autoscalingV2.MetricTarget): string {
  return target.averageValue === undefined
    ? `${name} ${source} utilization (percentage of request)`
    : `${name} ${source}`;
}

const withSelector = ({ name, selector }: autoscalingV2.MetricIdentifier): string =>
  `external metric ${name}(${formatSelector(selector)})`;

/** Go's `%+v` of a `*LabelSelector`, as it stands in upstream's texts. */
export function formatSelector(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`)
    .join('');
  const expressions = (selector.matchExpressions ?? [])
    .map(({ key, operator, values }) => `{${key} ${operator} [${(values ?? []).join(' ')}]},`)
    .join('');
  const listed = expressions ? `LabelSelectorRequirement{${expressions}}` : '[]LabelSelectorRequirement{}';
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:${expressions ? `[]${listed}` : listed},}`;
}
