import { describe, expect, it } from 'vitest';
import { schemaFor, type ValidatingAdmissionPolicy } from '@pilothouse/api';
import { checkTypes } from './check-types.ts';
import { typeOfSchema } from './type-of-schema.ts';

const deployment = { name: 'apps/v1, Kind=Deployment', type: typeOfSchema(schemaFor('apps', 'v1', 'Deployment')!) };

const check = (expression: string, more: object = {}) =>
  checkTypes(
    { metadata: {}, spec: { validations: [{ expression }], ...more } } as ValidatingAdmissionPolicy,
    [deployment],
    undefined,
  );

describe('type checking of a policy', () => {
  it.each([
    'object.spec.replicas > 1',
    `object.metadata.labels['a'] == 'b' && has(object.spec.template.spec.containers)`,
    `object.spec.template.spec.containers.all(c, c.image.startsWith('x') && c.resources.limits['cpu'] != '1')`,
    `authorizer.group('').resource('pods').check('get').allowed()`,
    `request.userInfo.username != 'x' && object.kind == 'Deployment'`,
  ])('finds nothing wrong with %s', (expression) => {
    expect(check(expression)).toEqual([]);
  });

  it('names the kind and the place of what is wrong', () => {
    expect(check(`object.spec.replicas > '1'`)).toEqual([
      {
        fieldRef: 'spec.validations[0].expression',
        warning: `apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_>_' applied to '(int, string)'\n | object.spec.replicas > '1'\n | .....................^`,
      },
    ]);
    expect(check('object.spec.replica > 1')[0]?.warning).toContain(`undefined field 'replica'`);
  });

  it('knows the types of variables', () => {
    const variables = [{ name: 'n', expression: 'object.spec.replicas' }];
    expect(check('variables.n > 1', { variables })).toEqual([]);
    expect(check(`variables.n > 'a'`, { variables })).toHaveLength(1);
  });
});
