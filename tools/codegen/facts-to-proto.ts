/**
 * Writes `proto/` from tables of facts about the Kubernetes API (one row a field). It was run once to start the
 * project; since then `proto/` is the source of truth and is edited by hand. Kept so that a new API level can be
 * compared with ours: `node tools/codegen/facts-to-proto.ts <facts folder> <output folder>`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [facts = '../shared/facts', output = 'proto'] = process.argv.slice(2);

interface Field {
  readonly number: number;
  readonly name: string;
  readonly type: string;
  readonly attributes: string;
}

interface ProtoFile {
  readonly path: string;
  readonly package: string;
  readonly messages: Map<string, Field[]>;
}

const rows = (path: string): string[][] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));

/** `core.v1` → `core/v1`, `api.resource` → `resource`, `util.intstr` → `intstr`: the prefix that type references use. */
const referencePrefix = (base: string): string =>
  ({ 'api.resource': 'resource', 'util.intstr': 'intstr' })[base] ?? base.replace('.', '/');

function readMessages(): Map<string, ProtoFile> {
  const files = new Map<string, ProtoFile>();
  for (const name of readdirSync(join(facts, 'messages')).sort()) {
    if (name.includes('podsecuritypolicy')) continue; // not served since Kubernetes 1.25
    const base = name.replace(/\.tsv$/, '');
    const text = readFileSync(join(facts, 'messages', name), 'utf8');
    const prefix = referencePrefix(base);
    const file: ProtoFile = {
      path: `${prefix}.proto`,
      package: /^# package (\S+)/.exec(text)![1]!,
      messages: new Map(),
    };
    for (const [message, number, field, type, attributes] of rows(join(facts, 'messages', name))) {
      const fields = file.messages.get(message!) ?? [];
      if (field !== '-')
        fields.push({ number: Number(number), name: field!, type: type!, attributes: attributes ?? '' });
      file.messages.set(message!, fields);
    }
    files.set(prefix, file);
  }
  return files;
}

const GROUP_PACKAGES: Record<string, string> = {
  'admission.k8s.io': 'admission',
  'admissionregistration.k8s.io': 'admissionregistration',
  'apidiscovery.k8s.io': 'apidiscovery',
  'apiextensions.k8s.io': 'apiextensions',
  'apiregistration.k8s.io': 'apiregistration',
  'internal.apiserver.k8s.io': 'apiserverinternal',
  'authentication.k8s.io': 'authentication',
  'authorization.k8s.io': 'authorization',
  'certificates.k8s.io': 'certificates',
  'coordination.k8s.io': 'coordination',
  'custom.metrics.k8s.io': 'custom_metrics',
  'external.metrics.k8s.io': 'external_metrics',
  'discovery.k8s.io': 'discovery',
  'events.k8s.io': 'events',
  'flowcontrol.apiserver.k8s.io': 'flowcontrol',
  'imagepolicy.k8s.io': 'imagepolicy',
  'metrics.k8s.io': 'metrics',
  'networking.k8s.io': 'networking',
  'node.k8s.io': 'node',
  'rbac.authorization.k8s.io': 'rbac',
  'resource.k8s.io': 'resource',
  'scheduling.k8s.io': 'scheduling',
  'storage.k8s.io': 'storage',
  'storagemigration.k8s.io': 'storagemigration',
};

const packageOfGroup = (group: string): string => GROUP_PACKAGES[group] ?? group;

function readNames(): Map<string, string> {
  const names = new Map<string, string>();
  for (const [group, resource, singular, shortNames, categories] of rows(join(facts, 'behaviour/names.tsv'))) {
    const clean = (text: string | undefined) => (text ?? '-').replaceAll('?', '').trim();
    const parts = [`singular=${clean(singular)}`];
    if (clean(shortNames) !== '-') parts.push(`short=${clean(shortNames).replaceAll(/,\s*/g, '|')}`);
    if (clean(categories) !== '-') parts.push(`categories=${clean(categories).replaceAll(/,\s*/g, '|')}`);
    names.set(`${group}/${resource}`, parts.join(' '));
  }
  return names;
}

/** Message → its `(pilothouse.resource)` text. */
function readResources(): Map<string, string> {
  const names = readNames();
  const options = new Map<string, string[]>();
  const owner = new Map<string, string>();
  for (const [group, version, path, kindReference, scope, verbs] of rows(join(facts, 'resources.tsv'))) {
    const [resource, subresource] = path!.split('/');
    const [kindVersion, kind] = kindReference!.split(' ');
    const verbText = verbs!
      .replace(/^connect \((.*)\)$/, (_, methods: string) => `connect:${methods}`)
      .replaceAll(',', '|');
    if (subresource === undefined) {
      const key = `${packageOfGroup(group!)}/${version}.${kind}`;
      owner.set(`${group}/${version}/${resource}`, key);
      options.set(key, [
        `${resource} ${scope!.toLowerCase()} ${names.get(`${group}/${resource}`) ?? ''} verbs=${verbText}`.replaceAll(
          / +/g,
          ' ',
        ),
      ]);
    } else {
      const key = owner.get(`${group}/${version}/${resource}`)!;
      options.get(key)!.push(`/${subresource} kind=${kindVersion}.${kind} verbs=${verbText}`);
    }
  }
  return new Map([...options].map(([key, parts]) => [key, parts.join('; ')]));
}

/** Kinds that are neither stored nor listed, but have `apiVersion` and `kind` of their own. */
const OTHER_KINDS = new Set(
  `meta/v1: Status DeleteOptions CreateOptions UpdateOptions PatchOptions ApplyOptions GetOptions ListOptions
   APIGroup APIGroupList APIResourceList APIVersions Table TableOptions PartialObjectMetadata PartialObjectMetadataList List
   meta/v1beta1: PartialObjectMetadataList
   core/v1: List PodLogOptions PodExecOptions PodAttachOptions PodPortForwardOptions PodProxyOptions NodeProxyOptions
   ServiceProxyOptions SerializedReference RangeAllocation PodStatusResult
   autoscaling/v1: Scale policy/v1: Eviction policy/v1beta1: Eviction PodDisruptionBudget PodDisruptionBudgetList
   authentication/v1: TokenRequest admission/v1: AdmissionReview apiextensions/v1: ConversionReview
   imagepolicy/v1alpha1: ImageReview
   apidiscovery/v2: APIGroupDiscovery APIGroupDiscoveryList apidiscovery/v2beta1: APIGroupDiscovery APIGroupDiscoveryList
   metrics/v1beta1: NodeMetrics NodeMetricsList PodMetrics PodMetricsList
   custom_metrics/v1beta1: MetricValue MetricValueList MetricListOptions external_metrics/v1beta1: ExternalMetricValue ExternalMetricValueList`
    .split(/\s+(?=\S+:)/)
    .flatMap((part) => {
      const [prefix, ...kinds] = part.trim().split(/:?\s+/);
      return kinds.map((kind) => `${prefix}.${kind}`);
    }),
);

const SCALARS = new Set(['string', 'bool', 'int32', 'int64', 'uint32', 'uint64', 'double', 'bytes']);

function protoType(type: string, file: ProtoFile, files: Map<string, ProtoFile>): string {
  if (SCALARS.has(type)) return type;
  const dot = type.lastIndexOf('.');
  if (dot < 0) return `${file.package}.${type}`;
  const target = files.get(type.slice(0, dot));
  if (!target) throw new Error(`unknown reference ${type} in ${file.path}`);
  return `${target.package}.${type.slice(dot + 1)}`;
}

function protoField(field: Field, file: ProtoFile, files: Map<string, ProtoFile>): string {
  const list = /^\[\](.*)$/.exec(field.type);
  const map = /^map<string,(.*)>$/.exec(field.type);
  const attributes = field.attributes
    .trim()
    .replace(/\bkeys=(\S+)/, (_, keys: string) => `keys=${keys}`)
    .replaceAll('"', "'");
  const option = attributes ? ` [(pilothouse.field) = "${attributes}"]` : '';
  const type = list
    ? `repeated ${protoType(list[1]!, file, files)}`
    : map
      ? `map<string, ${protoType(map[1]!, file, files)}>`
      : `optional ${protoType(field.type, file, files)}`;
  return `  ${type} ${field.name} = ${field.number}${option};`;
}

function imports(file: ProtoFile, files: Map<string, ProtoFile>): string[] {
  const used = new Set<string>(['options.proto']);
  for (const fields of file.messages.values()) {
    for (const { type } of fields) {
      const name = type.replace(/^\[\]|^map<string,/, '').replace(/>$/, '');
      const dot = name.lastIndexOf('.');
      if (dot >= 0) used.add(files.get(name.slice(0, dot))!.path);
    }
  }
  used.delete(file.path);
  return [...used].sort();
}

const files = readMessages();
const resources = readResources();
const groupOfPackage = new Map(Object.entries(GROUP_PACKAGES).map(([group, name]) => [name, group]));

for (const [prefix, file] of files) {
  const [packageName, version] = prefix.split('/');
  const group = packageName === 'core' ? '' : (groupOfPackage.get(packageName!) ?? packageName!);
  const lines = [
    'syntax = "proto2";',
    '',
    `package ${file.package};`,
    '',
    ...imports(file, files).map((path) => `import "${path}";`),
    '',
  ];
  // meta, runtime, resource and intstr are shared types, not an API group of their own.
  if (version && packageName !== 'meta') {
    lines.push(`option (pilothouse.group_version) = "${group ? `${group}/` : ''}${version}";`, '');
  }
  for (const [message, fields] of [...file.messages].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = `${prefix}.${message}`;
    const resource = resources.get(key);
    const isList = message.endsWith('List') && resources.has(key.slice(0, -4));
    lines.push(`message ${message} {`);
    if (resource) lines.push(`  option (pilothouse.resource) = "${resource}";`);
    else if (isList || OTHER_KINDS.has(key)) lines.push('  option (pilothouse.kind) = true;');
    lines.push(...fields.map((field) => protoField(field, file, files)), '}', '');
  }
  const path = join(output, file.path);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines.join('\n'));
}

for (const key of resources.keys()) {
  const dot = key.lastIndexOf('.');
  if (!files.get(key.slice(0, dot))?.messages.has(key.slice(dot + 1))) console.error(`no message for resource ${key}`);
}
