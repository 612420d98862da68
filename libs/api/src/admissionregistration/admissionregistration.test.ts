import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { cellsOf, created, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { definitions } from '../definitions.ts';
import { mutatingAdmissionPolicyBinding } from './mutating-admission-policy-binding.ts';
import { mutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import { mutatingWebhookConfiguration } from './mutating-webhook-configuration.ts';
import { validatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';
import { validatingWebhookConfiguration } from './validating-webhook-configuration.ts';

const rule = (change: object = {}) => ({
  operations: ['CREATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['pods'],
  ...change,
});
const webhook = (change: object = {}): any => ({
  name: 'a.example.com',
  clientConfig: { service: { namespace: 'a', name: 'b' } },
  rules: [rule()],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  ...change,
});
const configuration = (...webhooks: any[]): ValidatingWebhookConfiguration => ({ metadata: { name: 'a' }, webhooks });

describe('webhooks', () => {
  it('fail closed, match what is equivalent and select all by default', () => {
    const defaulted = {
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
    };
    expect(created(validatingWebhookConfiguration, configuration(webhook())).webhooks![0]).toMatchObject({
      ...defaulted,
      clientConfig: { service: { port: 443 } },
      rules: [{ scope: '*' }],
    });
    expect(created(mutatingWebhookConfiguration, configuration(webhook())).webhooks![0]).toMatchObject({
      ...defaulted,
      reinvocationPolicy: 'Never',
    });
  });

  it.each<[object, string[]]>([
    [{}, []],
    [
      { name: 'short' },
      ['webhooks[0].name: Invalid value: "short": should be a domain with at least three segments separated by dots'],
    ],
    [
      { sideEffects: 'Some' },
      ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
    ],
    [{ sideEffects: undefined }, ['webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun']],
    [
      { admissionReviewVersions: [] },
      ['webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1'],
    ],
    [
      { admissionReviewVersions: ['v9'] },
      ['webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1'],
    ],
    [
      { timeoutSeconds: 31 },
      ['webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds'],
    ],
    [{ clientConfig: {} }, ['webhooks[0].clientConfig: Required value: exactly one of url or service is required']],
    [
      { rules: [rule({ operations: ['*', 'CREATE'] })] },
      [
        'webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
      ],
    ],
    [
      { rules: [rule({ resources: ['pods/*', 'pods/status'] })] },
      [
        'webhooks[0].rules[0].resources[1]: Invalid value: "pods/status": if \'pods/*\' is present, must not specify pods/status',
      ],
    ],
    [
      { rules: [rule({ apiGroups: [], scope: 'x' })] },
      [
        'webhooks[0].rules[0].apiGroups: Required value',
        'webhooks[0].rules[0].scope: Unsupported value: "x": supported values: "*", "Cluster", "Namespaced"',
      ],
    ],
    [
      { matchConditions: [{ name: '', expression: ' ' }] },
      [
        'webhooks[0].matchConditions[0].expression: Required value',
        'webhooks[0].matchConditions[0].name: Required value',
      ],
    ],
  ])('%j', (change, problems) => {
    expect(problemsOnCreate(validatingWebhookConfiguration, configuration(webhook(change)))).toEqual(problems);
  });

  it('have names of their own, unless they never had', () => {
    const twins = configuration(webhook(), webhook());
    expect(problemsOnCreate(validatingWebhookConfiguration, structuredClone(twins))).toEqual([
      'webhooks[1].name: Duplicate value: "a.example.com"',
    ]);
    expect(
      problemsOnUpdate(validatingWebhookConfiguration, created(validatingWebhookConfiguration, twins), () => {}),
    ).toEqual([]);
  });
});

describe('policies', () => {
  const constraints = { resourceRules: [rule()] };
  const policy = (spec: object): ValidatingAdmissionPolicy => ({
    metadata: { name: 'a' },
    spec: { matchConstraints: constraints, ...spec } as never,
  });

  it.each<[object, string[]]>([
    [{ validations: [{ expression: 'true' }] }, []],
    [
      {},
      [
        'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
        'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
      ],
    ],
    [
      { validations: [{ expression: '' }] },
      ['spec.validations[0].expression: Required value: expression is not specified'],
    ],
    [
      { validations: [{ expression: 'true', message: 'a\nb' }] },
      ['spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks'],
    ],
    [
      { validations: [{ expression: 'true', reason: 'No' }] },
      [
        'spec.validations[0].reason: Unsupported value: "No": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      ],
    ],
    [{ matchConstraints: undefined, validations: [{ expression: 'true' }] }, ['spec.matchConstraints: Required value']],
    [
      { paramKind: { apiVersion: 'a/b/c', kind: 'K' }, validations: [{ expression: 'true' }] },
      ['spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
    ],
    [
      { variables: [{ name: 'in', expression: '1' }], validations: [{ expression: 'true' }] },
      ['spec.variables[0].name: Invalid value: "in": name is not a valid CEL identifier'],
    ],
  ])('that validate: %j', (spec, problems) => {
    expect(problemsOnCreate(validatingAdmissionPolicy, policy(spec))).toEqual(problems);
  });

  it.each<[object, string[]]>([
    [{ reinvocationPolicy: 'Never', mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }] }, []],
    [
      { mutations: [] },
      [
        'spec.mutations: Required value: mutations must contain at least one item',
        'spec.reinvocationPolicy: Required value',
      ],
    ],
    [
      { reinvocationPolicy: 'Never', mutations: [{ patchType: 'Merge' }] },
      ['spec.mutations[0].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"'],
    ],
  ])('that mutate: %j', (spec, problems) => {
    const each = {
      metadata: { name: 'a' },
      spec: { matchConstraints: constraints, ...spec },
    } as MutatingAdmissionPolicy;
    expect(problemsOnCreate(mutatingAdmissionPolicy, each)).toEqual(problems);
  });

  const binding = (spec: object): ValidatingAdmissionPolicyBinding => ({
    metadata: { name: 'a' },
    spec: { policyName: 'p', validationActions: ['Deny'], ...spec },
  });
  it.each<[object, string[]]>([
    [{}, []],
    [{ policyName: '' }, ['spec.policyName: Required value']],
    [{ validationActions: [] }, ['spec.validationActions: Required value: at least one validation action is required']],
    [
      { paramRef: {} },
      [
        'spec.paramRef: Required value: one of name or selector must be specified',
        'spec.paramRef.parameterNotFoundAction: Required value',
      ],
    ],
  ])('are bound: %j', (spec, problems) => {
    expect(problemsOnCreate(validatingAdmissionPolicyBinding, binding(spec))).toEqual(problems);
  });

  it('show what parameterises them', () => {
    const cell = (paramRef: any): unknown =>
      cellsOf(validatingAdmissionPolicyBinding.columns, binding({ paramRef }))[2];
    expect([cell(undefined), cell({ name: 'a' }), cell({ name: 'a', namespace: 'b' })]).toEqual([
      '<unset>',
      '*/a',
      'b/a',
    ]);
    expect(cell({ selector: { matchLabels: { a: 'b' } } })).toBe(
      '&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{},}',
    );
  });

  it('deny when a parameter is missing, in the first alpha only', () => {
    const { versions } = definitions.find((each) => each.kind === 'MutatingAdmissionPolicyBinding')!;
    const defaulted = versions.map(({ version, defaults }) => {
      const each: MutatingAdmissionPolicyBinding = {
        metadata: { name: 'a' },
        spec: { policyName: 'p', paramRef: { name: 'x' } },
      };
      defaults!(each);
      return [version, each.spec.paramRef!.parameterNotFoundAction];
    });
    expect(Object.fromEntries(defaulted)).toEqual({ v1: undefined, v1beta1: undefined, v1alpha1: 'Deny' });
    expect(mutatingAdmissionPolicyBinding.storageVersion).toBe('v1beta1');
  });
});
