import { describe, expect, it } from 'vitest';
import type { CustomResourceDefinition } from '../generated/types.ts';
import {
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionUpdate,
} from './validate-custom-resource-definition.ts';

type Json = Record<string, unknown>;

const VERSION = { name: 'v1', served: true, storage: true };

function crd(spec: Json = {}, metadata: Json = {}): CustomResourceDefinition {
  return {
    metadata: { name: 'widgets.example.com', ...metadata },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [{ ...VERSION, schema: { openAPIV3Schema: { type: 'object' } } }],
      conversion: { strategy: 'None' },
      ...spec,
    },
    status: {
      acceptedNames: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      storedVersions: ['v1'],
      conditions: [{ type: 'Established', status: 'True' }],
    },
  } as unknown as CustomResourceDefinition;
}

const names = (change: Json): Json => ({
  names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', ...change },
});
const withVersion = (change: Json): Json => ({
  versions: [{ ...VERSION, schema: { openAPIV3Schema: { type: 'object' } }, ...change }],
});
const withSchema = (schema: Json, more: Json = {}): Json =>
  withVersion({ schema: { openAPIV3Schema: schema }, ...more });
const withField = (field: Json): Json => withSchema({ type: 'object', properties: { spec: field } });

const causes = (spec: Json): string[] =>
  validateCustomResourceDefinition(crd(spec)).map(({ field, type }) => `${field} ${type.replace('FieldValue', '')}`);

const SCHEMA = 'spec.validation.openAPIV3Schema';
const FIELD = `${SCHEMA}.properties[spec]`;
const list = (more: Json): Json => withField({ type: 'array', items: { type: 'string' }, ...more });
const mapList = (item: Json, keys: string[] = ['name']): Json =>
  withField({
    type: 'array',
    items: { type: 'object', ...item },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
  });
const rule = (change: Json): Json =>
  withField({ type: 'object', 'x-kubernetes-validations': [{ rule: 'true', ...change }] });
const RULE = `${FIELD}.x-kubernetes-validations[0]`;
const column = (change: Json): Json =>
  withVersion({ additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size', ...change }] });
const COLUMN = 'spec.additionalPrinterColumns[0]';
const scale = (change: Json): Json =>
  withVersion({
    subresources: { scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n', ...change } },
  });
const SCALE = 'spec.subresources.scale';
const embedded = (more: Json): Json => withField({ type: 'object', 'x-kubernetes-embedded-resource': true, ...more });

describe('an invalid definition is refused with its cause', () => {
  it.each<[what: string, spec: Json, ...causes: string[]]>([
    ['no group', { group: '' }, 'metadata.name Invalid', 'spec.group Required'],
    ['a group of one label', { group: 'example' }, 'metadata.name Invalid', 'spec.group Invalid'],
    ['a group in capitals', { group: 'Example.com' }, 'metadata.name Invalid', 'spec.group Invalid'],
    ['no scope', { scope: '' }, 'spec.scope Required'],
    ['an unknown scope', { scope: 'Global' }, 'spec.scope NotSupported'],
    ['a name of another plural', names({ plural: 'gadgets' }), 'metadata.name Invalid'],
    ['a plural in capitals', names({ plural: 'Widgets' }), 'metadata.name Invalid', 'spec.names.plural Invalid'],
    ['no singular', names({ singular: '' }), 'spec.names.singular Required'],
    ['a singular with a dot', names({ singular: 'a.b' }), 'spec.names.singular Invalid'],
    ['no kind', names({ kind: '' }), 'spec.names.kind Required'],
    ['a kind with a blank', names({ kind: 'A b' }), 'spec.names.kind Invalid'],
    ['a list kind that is the kind', names({ listKind: 'Widget' }), 'spec.names.listKind Invalid'],
    ['a short name in capitals', names({ shortNames: ['W'] }), 'spec.names.shortNames[0] Invalid'],
    ['a category in capitals', names({ categories: ['All'] }), 'spec.names.categories[0] Invalid'],
    ['no versions', { versions: [] }, 'spec.versions Invalid', 'status.storedVersions[0] Invalid'],
    [
      'a version without schema',
      withVersion({ schema: undefined }),
      'spec.versions[0].schema.openAPIV3Schema Required',
    ],
    [
      'a version in capitals',
      withVersion({ name: 'V1' }),
      'spec.versions[0].name Invalid',
      'spec.version Invalid',
      'status.storedVersions Invalid',
      'status.storedVersions[0] Invalid',
    ],
    ['no storage version', withVersion({ storage: false }), 'spec.versions Invalid'],
    [
      'a version twice',
      { versions: [...(withVersion({})['versions'] as []), ...(withVersion({ storage: false })['versions'] as [])] },
      'spec.versions Invalid',
    ],
    [
      'a warning of what is not deprecated',
      withVersion({ deprecationWarning: 'x' }),
      'spec.versions[0].deprecationWarning Invalid',
    ],
    [
      'an empty warning',
      withVersion({ deprecated: true, deprecationWarning: '' }),
      'spec.versions[0].deprecationWarning Invalid',
    ],
    [
      'a warning with a line break',
      withVersion({ deprecated: true, deprecationWarning: 'a\nb' }),
      'spec.versions[0].deprecationWarning Invalid',
    ],
    ['preserved unknown fields', { preserveUnknownFields: true }, 'spec.preserveUnknownFields Invalid'],
    ['an unknown conversion', { conversion: { strategy: 'Magic' } }, 'spec.conversion.strategy NotSupported'],
    [
      'a webhook conversion without webhook',
      { conversion: { strategy: 'Webhook' } },
      'spec.conversion.webhookClientConfig Required',
      'spec.conversion.conversionReviewVersions Required',
    ],

    ['a root without type', withSchema({}), `${SCHEMA}.type Required`],
    ['a root that is a list', withSchema({ type: 'array', items: { type: 'string' } }), `${SCHEMA}.type Invalid`],
    ['a root that may be null', withSchema({ type: 'object', nullable: true }), `${SCHEMA}.nullable Forbidden`],
    [
      'a root of any keys',
      withSchema({ type: 'object', additionalProperties: { type: 'string' } }),
      `${SCHEMA}.additionalProperties Forbidden`,
    ],
    [
      'a union at the root beside status',
      withSchema({ type: 'object', anyOf: [{}] }, { subresources: { status: {} } }),
      `${SCHEMA} Invalid`,
    ],
    [
      'metadata with labels',
      withSchema({
        type: 'object',
        properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
      }),
      `${SCHEMA}.properties[metadata] Forbidden`,
    ],
    [
      'a kind that is a number',
      withSchema({ type: 'object', properties: { kind: { type: 'integer' } } }),
      `${SCHEMA}.properties[kind].type Invalid`,
    ],
    ['a field without type', withField({}), `${FIELD}.type Required`],
    ['a field of an unknown type', withField({ type: 'text' }), `${FIELD}.type NotSupported`],
    ['a list without items', withField({ type: 'array' }), `${FIELD}.items Required`],
    ['items without type', withField({ type: 'array', items: {} }), `${FIELD}.items.type Required`],
    ['unique items', list({ uniqueItems: true }), `${FIELD}.uniqueItems Forbidden`],
    [
      'both properties and any keys',
      withField({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } }),
      `${FIELD}.additionalProperties Forbidden`,
    ],
    ['a reference', withField({ type: 'object', $ref: '#/x' }), `${FIELD}.$ref Forbidden`],
    ['a pattern that does not parse', withField({ type: 'string', pattern: '(' }), `${FIELD}.pattern Invalid`],
    [
      'a type in a union',
      withField({ type: 'string', anyOf: [{ type: 'string' }] }),
      `${FIELD}.anyOf[0].type Forbidden`,
    ],
    [
      'a description in a union',
      withField({ type: 'string', oneOf: [{ description: 'x' }] }),
      `${FIELD}.oneOf[0].description Forbidden`,
    ],
    ['a default in a negation', withField({ type: 'string', not: { default: 'x' } }), `${FIELD}.not.default Forbidden`],
    [
      'a property known only in a union',
      withField({ type: 'object', allOf: [{ properties: { a: {} } }] }),
      `${FIELD}.properties[a] Required`,
    ],
    [
      'an int-or-string that preserves',
      withField({ 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true }),
      `${FIELD}.x-kubernetes-preserve-unknown-fields Invalid`,
    ],
    [
      'preserve set to false',
      withField({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
      `${FIELD}.x-kubernetes-preserve-unknown-fields Invalid`,
    ],
    ['an embedded resource without properties', embedded({}), `${FIELD}.properties Required`],
    [
      'an embedded resource that is a text',
      withField({
        type: 'string',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      }),
      `${FIELD}.type Invalid`,
    ],
    [
      'an embedded kind that is a number',
      embedded({ properties: { kind: { type: 'integer' } } }),
      `${FIELD}.properties[kind].type Invalid`,
    ],
    ['a map type of a text', withField({ type: 'string', 'x-kubernetes-map-type': 'atomic' }), `${FIELD}.type Invalid`],
    [
      'an unknown map type',
      withField({ type: 'object', 'x-kubernetes-map-type': 'x' }),
      `${FIELD}.x-kubernetes-map-type NotSupported`,
    ],
    ['a default of the wrong type', withField({ type: 'string', default: 1 }), `${FIELD}.default TypeInvalid`],
    [
      'a default that is not allowed',
      withField({ type: 'string', enum: ['a'], default: 'b' }),
      `${FIELD}.default NotSupported`,
    ],

    ['an unknown list type', list({ 'x-kubernetes-list-type': 'bag' }), `${FIELD}.x-kubernetes-list-type NotSupported`],
    [
      'a list type of an object',
      withField({ type: 'object', 'x-kubernetes-list-type': 'atomic' }),
      `${FIELD}.type Invalid`,
    ],
    ['keys without a map', list({ 'x-kubernetes-list-map-keys': ['a'] }), `${FIELD}.x-kubernetes-list-type Required`],
    [
      'a map without keys',
      withField({ type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' }),
      `${FIELD}.x-kubernetes-list-map-keys Required`,
    ],
    [
      'a map of texts',
      list({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] }),
      `${FIELD}.items.type Invalid`,
    ],
    [
      'a key that is no property',
      mapList({ properties: { other: { type: 'string' } } }),
      `${FIELD}.x-kubernetes-list-map-keys Invalid`,
    ],
    [
      'a key that may be missing',
      mapList({ properties: { name: { type: 'string' } } }),
      `${FIELD}.items.properties[name].default Required`,
    ],
    [
      'a key that may be null',
      mapList({ required: ['name'], properties: { name: { type: 'string', nullable: true } } }),
      `${FIELD}.items.properties[name].nullable Forbidden`,
    ],
    [
      'a key that is an object',
      mapList({ required: ['name'], properties: { name: { type: 'object' } } }),
      `${FIELD}.items.properties[name].type Invalid`,
    ],
    [
      'a set of what may be null',
      list({ items: { type: 'string', nullable: true }, 'x-kubernetes-list-type': 'set' }),
      `${FIELD}.items.nullable Forbidden`,
    ],

    ['an empty rule', rule({ rule: ' ' }), `${RULE}.rule Required`],
    ['a message of blanks', rule({ message: ' ' }), `${RULE}.message Invalid`],
    ['a message of two lines', rule({ message: 'a\nb' }), `${RULE}.message Invalid`],
    ['a rule of two lines without message', rule({ rule: 'true ||\nfalse' }), `${RULE}.message Required`],
    ['a message expression of blanks', rule({ messageExpression: ' ' }), `${RULE}.messageExpression Required`],
    ['an unknown reason', rule({ reason: 'Because' }), `${RULE}.reason NotSupported`],
    ['a path to no field', rule({ fieldPath: '.nothing' }), `${RULE}.fieldPath Invalid`],

    ['a column without name', column({ name: '' }), `${COLUMN}.name Required`],
    ['a column without type', column({ type: '' }), `${COLUMN}.type Required`],
    ['a column of an unknown type', column({ type: 'text' }), `${COLUMN}.type Invalid`],
    ['a column of an unknown format', column({ format: 'x' }), `${COLUMN}.format Invalid`],
    ['a column without path', column({ jsonPath: '' }), `${COLUMN}.JSONPath Required`],
    ['a scale without the wanted number', scale({ specReplicasPath: '' }), `${SCALE}.specReplicasPath Required`],
    ['a wanted number outside the spec', scale({ specReplicasPath: '.status.n' }), `${SCALE}.specReplicasPath Invalid`],
    ['a number without a dot in front', scale({ specReplicasPath: 'spec.n' }), `${SCALE}.specReplicasPath Invalid`],
    ['a number outside the status', scale({ statusReplicasPath: '.spec.n' }), `${SCALE}.statusReplicasPath Invalid`],
    ['a selector outside of both', scale({ labelSelectorPath: '.metadata.x' }), `${SCALE}.labelSelectorPath Invalid`],
    [
      'a selectable field without schema',
      withVersion({ selectableFields: [{ jsonPath: '.spec.x' }] }),
      'spec.selectableFields[0].jsonPath Invalid',
    ],
  ])('%s', (_what, spec, ...expected) => {
    expect(causes(spec)).toEqual(expected);
  });

  it('and a valid one is not', () => {
    expect(causes({})).toEqual([]);
  });
});

describe('an update', () => {
  it.each<[what: string, spec: Json, ...causes: string[]]>([
    ['keeps the scope', { scope: 'Cluster' }, 'spec.scope'],
    ['keeps the kind', names({ kind: 'Gadget', listKind: 'GadgetList' }), 'spec.names.kind'],
    ['keeps the group', { group: 'other.com' }, 'spec.group'],
    ['keeps the plural', names({ plural: 'gadgets' }), 'spec.names.plural'],
    ['keeps stored versions', withVersion({ name: 'v2' }), 'status.storedVersions', 'status.storedVersions[0]'],
  ])('%s', (_what, spec, ...expected) => {
    const errors = validateCustomResourceDefinitionUpdate(crd(spec), crd());
    expect(errors.map(({ field }) => field)).toEqual(expected);
  });
});
