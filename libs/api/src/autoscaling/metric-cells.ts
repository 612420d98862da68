import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '@pilothouse/api';
import { NONE, UNKNOWN } from '../printing/index.ts';

const SHOWN = 2;

/** `cpu: 12%/80%, memory: 90Mi/100Mi + 1 more...`: what is measured over what is wanted, as `kubectl get hpa` shows it. */
export function targetsCell({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return NONE;
  const texts = metrics.map((metric, index) => metricText(metric, status?.currentMetrics?.[index]));
  const shown = texts.slice(0, SHOWN).join(', ');
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown;
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External':
      return spec.external ? valueText(spec.external.target, status?.external?.current) : UNKNOWN;
    case 'Object':
      return spec.object ? valueText(spec.object.target, status?.object?.current) : UNKNOWN;
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? UNKNOWN}/${spec.pods?.target.averageValue ?? '0'}`;
    case 'Resource':
      return spec.resource
        ? `${spec.resource.name}: ${resourceText(spec.resource.target, status?.resource?.current)}`
        : UNKNOWN;
    case 'ContainerResource':
      return spec.containerResource
        ? `${spec.containerResource.name}: ${resourceText(spec.containerResource.target, status?.containerResource?.current)}`
        : UNKNOWN;
    default:
      return '<unknown type>';
  }
}

function valueText(target: MetricTarget, current: MetricValueStatus | undefined): string {
  return target.averageValue === undefined
    ? `${current?.value ?? UNKNOWN}/${target.value ?? '0'}`
    : `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
}

function resourceText(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const wanted = target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`;
  return `${current?.averageUtilization === undefined ? UNKNOWN : `${current.averageUtilization}%`}/${wanted}`;
}
