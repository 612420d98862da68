import type { autoscalingV1, autoscalingV2, LabelSelector } from '@pilothouse/api';

/** Metrics in the flat shapes of autoscaling/v1, which stand in its annotations only. */
type V1Spec = autoscalingV1.MetricSpec;
type V2Spec = autoscalingV2.MetricSpec;
type V1Status = autoscalingV1.MetricStatus;
type V2Status = autoscalingV2.MetricStatus;

/** v1 cannot leave these out; zero, which is no valid target, means that there is none. */
const NO_QUANTITY = '0';

const given = (quantity: string | undefined): boolean => quantity !== undefined && quantity !== NO_QUANTITY;

const selectorAs = <K extends string>(name: K, selector: LabelSelector | undefined) =>
  (selector === undefined ? {} : { [name]: selector }) as { [P in K]?: LabelSelector };

const metricOf = (name: string, selector: LabelSelector | undefined): autoscalingV2.MetricIdentifier => ({
  name,
  ...(selector ? { selector } : {}),
});

export function toV1Metric({ type, object, pods, resource, containerResource, external }: V2Spec): V1Spec {
  return {
    type,
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? NO_QUANTITY,
        ...selectorAs('selector', object.metric.selector),
        ...(object.target.averageValue === undefined ? {} : { averageValue: object.target.averageValue }),
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        targetAverageValue: pods.target.averageValue ?? NO_QUANTITY,
        ...selectorAs('selector', pods.metric.selector),
      },
    }),
    ...(resource && { resource: { name: resource.name, ...toV1ResourceTarget(resource.target) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        ...toV1ResourceTarget(containerResource.target),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        ...selectorAs('metricSelector', external.metric.selector),
        ...(external.target.value === undefined ? {} : { targetValue: external.target.value }),
        ...(external.target.averageValue === undefined ? {} : { targetAverageValue: external.target.averageValue }),
      },
    }),
  };
}

function toV1ResourceTarget({ averageUtilization, averageValue }: autoscalingV2.MetricTarget) {
  return {
    ...(averageUtilization === undefined ? {} : { targetAverageUtilization: averageUtilization }),
    ...(averageValue === undefined ? {} : { targetAverageValue: averageValue }),
  };
}

export function fromV1Metric({ type, object, pods, resource, containerResource, external }: V1Spec): V2Spec {
  return {
    type,
    ...(object && {
      object: {
        describedObject: object.target,
        target: valueTarget(
          object.averageValue === undefined,
          given(object.targetValue) ? object.targetValue : undefined,
          object.averageValue,
        ),
        metric: metricOf(object.metricName, object.selector),
      },
    }),
    ...(pods && {
      pods: {
        metric: metricOf(pods.metricName, pods.selector),
        target: valueTarget(false, undefined, given(pods.targetAverageValue) ? pods.targetAverageValue : undefined),
      },
    }),
    ...(resource && { resource: { name: resource.name, target: fromV1ResourceTarget(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        target: fromV1ResourceTarget(containerResource),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metric: metricOf(external.metricName, external.metricSelector),
        target: valueTarget(external.targetValue !== undefined, external.targetValue, external.targetAverageValue),
      },
    }),
  };
}

function valueTarget(
  isValue: boolean,
  value: string | undefined,
  averageValue: string | undefined,
): autoscalingV2.MetricTarget {
  return {
    type: isValue ? 'Value' : 'AverageValue',
    ...(value === undefined ? {} : { value }),
    ...(averageValue === undefined ? {} : { averageValue }),
  };
}

function fromV1ResourceTarget({
  targetAverageUtilization,
  targetAverageValue,
}: autoscalingV1.ResourceMetricSource): autoscalingV2.MetricTarget {
  return {
    type: targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    ...(targetAverageValue === undefined ? {} : { averageValue: targetAverageValue }),
    ...(targetAverageUtilization === undefined ? {} : { averageUtilization: targetAverageUtilization }),
  };
}

export function toV1MetricStatus({ type, object, pods, resource, containerResource, external }: V2Status): V1Status {
  return {
    type,
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? NO_QUANTITY,
        ...selectorAs('selector', object.metric.selector),
        ...(object.current.averageValue === undefined ? {} : { averageValue: object.current.averageValue }),
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        currentAverageValue: pods.current.averageValue ?? NO_QUANTITY,
        ...selectorAs('selector', pods.metric.selector),
      },
    }),
    ...(resource && { resource: { name: resource.name, ...toV1Current(resource.current) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        ...toV1Current(containerResource.current),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        ...selectorAs('metricSelector', external.metric.selector),
        currentValue: external.current.value ?? NO_QUANTITY,
        ...(external.current.averageValue === undefined ? {} : { currentAverageValue: external.current.averageValue }),
      },
    }),
  };
}

function toV1Current({ averageUtilization, averageValue }: autoscalingV2.MetricValueStatus) {
  return {
    ...(averageUtilization === undefined ? {} : { currentAverageUtilization: averageUtilization }),
    currentAverageValue: averageValue ?? NO_QUANTITY,
  };
}

export function fromV1MetricStatus({ type, object, pods, resource, containerResource, external }: V1Status): V2Status {
  return {
    type,
    ...(object && {
      object: {
        metric: metricOf(object.metricName, object.selector),
        current: currentOf(object.currentValue, object.averageValue),
        describedObject: object.target,
      },
    }),
    ...(pods && {
      pods: {
        metric: metricOf(pods.metricName, pods.selector),
        current: currentOf(undefined, pods.currentAverageValue),
      },
    }),
    ...(resource && {
      resource: {
        name: resource.name,
        current: currentOf(undefined, resource.currentAverageValue, resource.currentAverageUtilization),
      },
    }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        current: currentOf(
          undefined,
          containerResource.currentAverageValue,
          containerResource.currentAverageUtilization,
        ),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metric: metricOf(external.metricName, external.metricSelector),
        current: currentOf(external.currentValue, external.currentAverageValue),
      },
    }),
  };
}

function currentOf(
  value: string | undefined,
  averageValue: string | undefined,
  averageUtilization?: number,
): autoscalingV2.MetricValueStatus {
  return {
    ...(given(value) ? { value: value! } : {}),
    ...(given(averageValue) ? { averageValue: averageValue! } : {}),
    ...(averageUtilization === undefined ? {} : { averageUtilization }),
  };
}
