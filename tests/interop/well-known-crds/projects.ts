import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { cacheDir, isInstalled } from '../cluster.ts';

/** A project whose definitions people install, and where its published Go module has them. */
export interface Project {
  readonly name: string;
  readonly module: string;
  /** A file, or a folder of them, in the module. */
  readonly manifests: string;
  /** What is refused, each with a part of the answer. */
  readonly refused: readonly (readonly [object: string, why: string])[];
  /** A field for `kubectl explain`, and the type it has. */
  readonly explained: readonly [field: string, type: string];
}

export const PROJECTS: readonly Project[] = [
  {
    name: 'cert-manager',
    module: 'github.com/cert-manager/cert-manager@v1.21.2',
    manifests: 'deploy/crds',
    explained: ['certificate.spec.privateKey.algorithm', '<string>'],
    refused: [
      [
        '{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: bad}, spec: {issuerRef: {name: x}, usages: [nope]}}',
        'spec.usages[0]: Unsupported value: "nope"',
      ],
      [
        '{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: bad}, spec: {issuerRef: {name: x}, secretName: x, foo: 1}}',
        'unknown field "spec.foo"',
      ],
    ],
  },
  {
    name: 'gateway-api',
    module: 'sigs.k8s.io/gateway-api@v1.3.0',
    manifests: 'config/crd/experimental',
    explained: ['httproute.spec.rules.matches.path.type', '<string>'],
    refused: [
      [
        '{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: bad}, spec: {rules: [{matches: [{path: {type: PathPrefix, value: a}}]}]}}',
        `spec.rules[0].matches[0].path: Invalid value: "object": value must be an absolute path and start with '/'`,
      ],
      [
        '{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: bad}, spec: {gatewayClassName: x, listeners: [{name: a, port: 80, protocol: HTTP}, {name: b, port: 80, protocol: HTTP}]}}',
        'spec.listeners: Invalid value: "array": Combination of port, protocol and hostname must be unique',
      ],
    ],
  },
  {
    name: 'prometheus-operator',
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    manifests: 'example/prometheus-operator-crd',
    explained: ['prometheus.spec.replicas', '<integer>'],
    refused: [
      [
        '{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: bad}, spec: {groups: [{name: a, partial_response_strategy: explode}]}}',
        `should match '^(?i)(abort|warn)?$'`,
      ],
      [
        '{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: bad}, spec: {endpoints: []}}',
        'spec.selector: Required value',
      ],
    ],
  },
  {
    name: 'argo-cd',
    module: 'github.com/argoproj/argo-cd/v3@v3.0.6',
    manifests: 'manifests/crds',
    explained: ['application.spec.source.helm.valuesObject', '<Object>'],
    refused: [
      [
        '{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: bad}, spec: {project: 1, destination: {}}}',
        'spec.project in body must be of type string: "integer"',
      ],
    ],
  },
  {
    name: 'istio',
    module: 'istio.io/api@v1.31.1',
    manifests: 'kubernetes/customresourcedefinitions.gen.yaml',
    explained: ['virtualservice.spec.hosts', '<[]string>'],
    refused: [
      [
        '{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: bad}, spec: {hosts: ["*"]}}',
        'spec.hosts[0]: Invalid value: "string": hostname cannot be wildcard',
      ],
      [
        '{apiVersion: telemetry.istio.io/v1, kind: Telemetry, metadata: {name: bad}, spec: {metrics: [{overrides: [{tagOverrides: {a: {operation: UPSERT, value: ""}}}]}]}}',
        'spec.metrics[0].overrides[0].tagOverrides[a]: Invalid value: "object": value must be set when operation is UPSERT',
      ],
    ],
  },
  {
    name: 'gatekeeper',
    module: 'github.com/open-policy-agent/gatekeeper/v3@v3.23.1',
    manifests: 'charts/gatekeeper/crds',
    explained: ['constrainttemplate.spec.targets.target', '<string>'],
    refused: [
      [
        '{apiVersion: templates.gatekeeper.sh/v1, kind: ConstraintTemplate, metadata: {name: bad}, spec: {targets: x}}',
        'spec.targets in body must be of type array: "string"',
      ],
    ],
  },
  {
    name: 'crossplane',
    module: 'github.com/crossplane/crossplane@v1.20.0',
    manifests: 'cluster/crds',
    explained: ['compositeresourcedefinition.spec.claimNames.kind', '<string>'],
    refused: [
      [
        '{apiVersion: pkg.crossplane.io/v1, kind: Provider, metadata: {name: bad}, spec: {revisionHistoryLimit: 1}}',
        'spec.package: Required value',
      ],
    ],
  },
];

/** Our own objects of the project's kinds, which it would take. */
export const objectsOf = ({ name }: Project): string => join(import.meta.dirname, `${name}.yaml`);

/** The files with the project's definitions; rejects with the reason when they cannot be had. */
export async function fetchManifests({ module, manifests }: Project): Promise<string[]> {
  if (!isInstalled('go')) throw new Error('the Go tool is not installed');
  const cwd = cacheDir('well-known-crds');
  writeFileSync(join(cwd, 'go.mod'), 'module manifests\n');
  const answer = await new Promise<string>((resolve, reject) => {
    execFile('go', ['mod', 'download', '-json', module], { cwd }, (error, stdout) => {
      if (error) reject(new Error(`${module} cannot be fetched: ${stdout}`));
      else resolve(stdout);
    });
  });
  const path = join((JSON.parse(answer) as { Dir: string }).Dir, manifests);
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
    .map((file) => join(path, file));
}

/** Names of the definitions in a file. */
export function definitionNames(file: string): string[] {
  return parseAllDocuments(readFileSync(file, 'utf8'))
    .map((document) => document.toJS() as { kind?: string; metadata: { name: string } } | null)
    .flatMap((object) => (object?.kind === 'CustomResourceDefinition' ? [object.metadata.name] : []));
}
