import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Label,
  isPathSegmentName,
  notSupported,
  parseQuantity,
  required,
} from '@pilothouse/apimachinery';
import type { HorizontalPodAutoscalerSpec, MetricIdentifier, MetricSpec, MetricTarget } from '@pilothouse/api';
import { validateContainerResourceName } from '../core/resources/validate-resource-name.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { apiVersionProblem, validateReference } from './validate-reference.ts';

type Source = 'object' | 'external' | 'pods' | 'resource' | 'containerResource';

/** In the order in which upstream looks: of several sources only the first is validated. */
const SOURCES: readonly Source[] = ['object', 'external', 'pods', 'resource', 'containerResource'];
const SOURCE_OF_TYPE: Readonly<Record<string, Source>> = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
};
const TYPES = Object.keys(SOURCE_OF_TYPE).sort();
const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue'];

export function validateMetrics(
  { metrics = [], minReplicas }: HorizontalPodAutoscalerSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  metrics.forEach((metric, index) => validateMetric(metric, path.index(index), errors));
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    errors.push(
      forbiddenField(path, 'must specify at least one Object or External metric to support scaling to zero replicas'),
    );
  }
}

function validateMetric(metric: MetricSpec, path: FieldPath, errors: FieldError[]): void {
  if (!metric.type) errors.push(required(path.child('type'), 'must specify a metric source type'));
  if (!TYPES.includes(metric.type)) errors.push(notSupported(path.child('type'), metric.type, TYPES));
  const present = SOURCES.filter((source) => metric[source] !== undefined);
  const [first] = present;
  if (first) RULES[first](metric, path.child(first), errors);
  const expected = SOURCE_OF_TYPE[metric.type];
  if (expected === undefined) errors.push(notSupported(path.child('type'), metric.type, TYPES));
  else if (!present.includes(expected)) {
    errors.push(required(path.child(expected), 'must populate information for the given metric source'));
  }
  if (present.length === 1) return;
  for (const source of present) {
    if (source !== expected)
      errors.push(forbiddenField(path.child(source), 'must populate the given metric source only'));
  }
}

const RULES: Readonly<Record<Source, (metric: MetricSpec, path: FieldPath, errors: FieldError[]) => void>> = {
  object: ({ object }, path, errors) => {
    const { describedObject, metric, target } = object!;
    validateReference(describedObject, path.child('describedObject'), errors);
    const problem = apiVersionProblem(describedObject.apiVersion ?? '');
    if (problem)
      errors.push(invalidValue(path.child('describedObject', 'apiVersion'), describedObject.apiVersion, problem));
    validateIdentifier(metric, path.child('metric'), errors);
    validateTarget(target, path.child('target'), errors);
    if (target.value === undefined && target.averageValue === undefined) {
      errors.push(required(path.child('target', 'averageValue'), 'must set either a target value or averageValue'));
    }
  },
  external: ({ external }, path, errors) => {
    const { metric, target } = external!;
    validateIdentifier(metric, path.child('metric'), errors);
    validateTarget(target, path.child('target'), errors);
    if (target.value === undefined && target.averageValue === undefined) {
      errors.push(
        required(path.child('target', 'averageValue'), 'must set either a target value for metric or a per-pod target'),
      );
    }
    if (target.value !== undefined && target.averageValue !== undefined) {
      errors.push(
        forbiddenField(
          path.child('target', 'value'),
          'may not set both a target value for metric and a per-pod target',
        ),
      );
    }
  },
  pods: ({ pods }, path, errors) => {
    validateIdentifier(pods!.metric, path.child('metric'), errors);
    validateTarget(pods!.target, path.child('target'), errors);
    if (pods!.target.averageValue === undefined) {
      errors.push(required(path.child('target', 'averageValue'), 'must specify a positive target averageValue'));
    }
  },
  resource: ({ resource }, path, errors) => {
    if (!resource!.name) errors.push(required(path.child('name'), 'must specify a resource name'));
    validateResourceTarget(resource!.target, path.child('target'), errors);
  },
  containerResource: ({ containerResource }, path, errors) => {
    const { name, container, target } = containerResource!;
    if (!name) errors.push(required(path.child('name'), 'must specify a resource name'));
    else validateContainerResourceName(name, path.child('name'), errors);
    if (!container) errors.push(required(path.child('container'), 'must specify a container'));
    else pushInvalid(errors, path.child('container'), container, isDNS1123Label(container));
    validateResourceTarget(target, path.child('target'), errors);
  },
};

function validateResourceTarget(target: MetricTarget, path: FieldPath, errors: FieldError[]): void {
  validateTarget(target, path, errors);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined) {
    errors.push(
      required(path.child('averageUtilization'), 'must set either a target raw value or a target utilization'),
    );
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    errors.push(
      forbiddenField(path.child('averageValue'), 'may not set both a target raw value and a target utilization'),
    );
  }
}

function validateTarget(
  { type, value, averageValue, averageUtilization }: MetricTarget,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!type) errors.push(required(path.child('type'), 'must specify a metric target type'));
  if (!TARGET_TYPES.includes(type))
    errors.push(invalidValue(path.child('type'), type, 'must be either Utilization, Value, or AverageValue'));
  for (const [name, quantity] of [
    ['value', value],
    ['averageValue', averageValue],
  ] as const) {
    if (quantity !== undefined && parseQuantity(quantity).sign <= 0)
      errors.push(invalidValue(path.child(name), quantity, 'must be positive'));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalidValue(path.child('averageUtilization'), averageUtilization, 'must be greater than 0'));
  }
}

function validateIdentifier({ name }: MetricIdentifier, path: FieldPath, errors: FieldError[]): void {
  if (!name) errors.push(required(path.child('name'), 'must specify a metric name'));
  else pushInvalid(errors, path.child('name'), name, isPathSegmentName(name));
}
