import type { ProtoField, ProtoMessage, ProtoModel, ProtoPackage } from './parse-proto.ts';

export const HEADER = '// Generated from proto/ by tools/codegen; do not edit.\n';

const SCALARS: Record<string, string> = {
  string: 'string',
  bool: 'boolean',
  int32: 'number',
  int64: 'number',
  uint32: 'number',
  uint64: 'number',
  double: 'number',
  bytes: 'string',
};

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1.';
const EXTENSIONS = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.';

/** Types whose JSON shape is not the message's. */
const SPECIAL: Record<string, string> = {
  [`${META}Time`]: 'string',
  [`${META}MicroTime`]: 'string',
  [`${META}Duration`]: 'string',
  [`${META}Verbs`]: 'string[]',
  [`${META}FieldsV1`]: 'FieldsV1',
  [`${META}ObjectMeta`]: 'ObjectMeta',
  [`${META}ListMeta`]: 'ListMeta',
  [`${META}OwnerReference`]: 'OwnerReference',
  [`${META}ManagedFieldsEntry`]: 'ManagedFieldsEntry',
  'k8s.io.apimachinery.pkg.api.resource.Quantity': 'string',
  'k8s.io.apimachinery.pkg.util.intstr.IntOrString': 'number | string',
  'k8s.io.apimachinery.pkg.runtime.RawExtension': 'unknown',
  [`${EXTENSIONS}JSON`]: 'unknown',
  [`${EXTENSIONS}JSONSchemaPropsOrBool`]: 'JSONSchemaProps | boolean',
  [`${EXTENSIONS}JSONSchemaPropsOrArray`]: 'JSONSchemaProps | JSONSchemaProps[]',
  [`${EXTENSIONS}JSONSchemaPropsOrStringArray`]: 'JSONSchemaProps | string[]',
};

/** These are written by hand in apimachinery. */
const FROM_APIMACHINERY = ['FieldsV1', 'ListMeta', 'ManagedFieldsEntry', 'ObjectMeta', 'OwnerReference'];

/** One file of interfaces a package, in JSON shape. */
export function typesOf(each: ProtoPackage, model: ProtoModel): string {
  const imports = new Map<string, Set<string>>();
  const body = each.messages
    .filter((message) => !isSpecial(each, message))
    .map((message) => interfaceOf(message, each, model, imports))
    .join('\n');
  const importLines = [...imports]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, names]) => `import type { ${[...names].sort().join(', ')} } from '${from}';`)
    .join('\n');
  return `${HEADER}${importLines}${importLines ? '\n\n' : ''}${body || 'export {};\n'}`;
}

export function isSpecial(each: ProtoPackage, message: ProtoMessage): boolean {
  const name = `${each.name}.${message.name}`;
  return name in SPECIAL || /^ExtraValue$/.test(message.name) || /^(runtime|resource|intstr)$/.test(each.slug);
}

function interfaceOf(
  message: ProtoMessage,
  each: ProtoPackage,
  model: ProtoModel,
  imports: Map<string, Set<string>>,
): string {
  const lines: string[] = [];
  if (message.isKind) lines.push('  apiVersion?: string;', '  kind?: string;');
  for (const line of flatten(message, each, model, imports)) lines.push(`  ${line}`);
  if (lines.length === 0) return `export type ${message.name} = Record<string, never>;\n`;
  return `export interface ${message.name} {\n${lines.join('\n')}\n}\n`;
}

function flatten(
  message: ProtoMessage,
  each: ProtoPackage,
  model: ProtoModel,
  imports: Map<string, Set<string>>,
): string[] {
  return message.fields.flatMap((field) => {
    const words = new Set(field.attributes.split(' '));
    if (words.has('inline')) {
      const [owner, inline] = findMessage(field.type, model);
      return owner === undefined ? [] : flatten(inline!, owner, model, imports);
    }
    return [propertyOf(message, field, words, each, model, imports)];
  });
}

function propertyOf(
  message: ProtoMessage,
  field: ProtoField,
  words: Set<string>,
  each: ProtoPackage,
  model: ProtoModel,
  imports: Map<string, Set<string>>,
): string {
  const name = /\bjson=(\S+)/.exec(field.attributes)?.[1] ?? field.name;
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`;
  const type = typeName(field, each, model, imports);
  const pointer = words.has('nullable');
  const always = words.has('always');
  const isMessage = field.rule === 'optional' && !(field.type in SCALARS) && !(field.type in SPECIAL);
  const isMeta = name === 'metadata' && (message.isKind || message.name.endsWith('TemplateSpec'));
  const isSpec = name === 'spec' && message.isKind && isMessage && !pointer;
  // A nil list or map that Go always prints is null; validation makes sure that pods have containers.
  const nullable =
    (field.rule !== 'optional' && always && name !== 'containers' && name !== 'items') ||
    (field.type.endsWith('Time') && !pointer && !always) ||
    (pointer && always);
  const present = isMeta || isSpec || (always && !pointer) || words.has('required');
  return `${key}${present ? '' : '?'}: ${type}${nullable ? ' | null' : ''};`;
}

function typeName(field: ProtoField, each: ProtoPackage, model: ProtoModel, imports: Map<string, Set<string>>): string {
  const base = baseType(field.type, each, model, imports);
  const item = base.includes('|') ? `(${base})` : base;
  if (field.rule === 'repeated') return `${item}[]`;
  return field.rule === 'map' ? `Record<string, ${base}>` : base;
}

function baseType(type: string, each: ProtoPackage, model: ProtoModel, imports: Map<string, Set<string>>): string {
  if (type in SCALARS) return SCALARS[type]!;
  if (type.endsWith('.ExtraValue')) return 'string[]';
  const special = SPECIAL[type];
  if (special !== undefined) {
    if (FROM_APIMACHINERY.includes(special)) addImport(imports, '@pilothouse/apimachinery', special);
    return special;
  }
  const [owner, message] = findMessage(type, model);
  if (owner === undefined) throw new Error(`unknown type ${type}`);
  if (owner === each) return message!.name;
  // Two packages may have messages of one name (core and resource.k8s.io both say ResourceClaim).
  const clashes = each.messages.some((own) => own.name === message!.name);
  const alias = clashes ? `${pascal(owner.slug)}${message!.name}` : message!.name;
  addImport(imports, `./${owner.slug}.ts`, clashes ? `${message!.name} as ${alias}` : alias);
  return alias;
}

function addImport(imports: Map<string, Set<string>>, from: string, name: string): void {
  imports.set(from, (imports.get(from) ?? new Set()).add(name));
}

export const pascal = (slug: string): string =>
  slug
    .split(/[-_.]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

function findMessage(type: string, model: ProtoModel): [ProtoPackage, ProtoMessage] | [undefined, undefined] {
  const dot = type.lastIndexOf('.');
  const owner = model.packages.find(
    (each) => each.name === type.slice(0, dot) && each.messages.some((own) => own.name === type.slice(dot + 1)),
  );
  const message = owner?.messages.find((each) => each.name === type.slice(dot + 1));
  return owner && message ? [owner, message] : [undefined, undefined];
}
