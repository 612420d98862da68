/**
 * Who may import whom: the table of docs/architecture.md. A project may import what is listed here and, inside itself,
 * anything; from another project only its door (`@pilothouse/<name>`), never a file of it.
 */
export const MAY_IMPORT = {
  apimachinery: [],
  api: ['apimachinery'],
  cel: ['apimachinery'],
  pki: [],
  etcd: [],
  component: ['pki'],
  storage: ['etcd', 'apimachinery', 'component'],
  client: ['api', 'apimachinery', 'component', 'pki'],
  controller: ['client', 'api', 'apimachinery', 'component', 'pki'],
  testing: ['storage', 'etcd', 'client', 'controller', 'api', 'apimachinery', 'component', 'pki'],
  apiserver: ['storage', 'etcd', 'client', 'api', 'apimachinery', 'component', 'pki', 'cel'],
  scheduler: ['client', 'controller', 'api', 'apimachinery', 'component', 'pki', 'cel'],
  'controller-manager': ['client', 'controller', 'api', 'apimachinery', 'component', 'pki', 'cel'],
  kubelet: ['client', 'controller', 'api', 'apimachinery', 'component', 'pki', 'cel'],
  'metrics-server': ['client', 'api', 'apimachinery', 'component', 'pki'],
  'kube-proxy': ['client', 'controller', 'api', 'apimachinery', 'component', 'pki', 'cel'],
  console: ['client', 'api', 'apimachinery', 'component', 'pki'],
  pilothouse: ['client', 'controller', 'api', 'apimachinery', 'component', 'pki', 'cel'],
};

/** Tests may use the builders and servers of `testing` besides what their project may. */
export const TESTS_MAY_ALSO_IMPORT = ['testing'];

/** Packages of the outside that belong to one place, and Node's modules that do I/O. */
export const ONLY_IN = [
  { what: /^etcd3$/, projects: ['etcd'], why: 'only libs/etcd knows the etcd client' },
  { what: /^express$/, projects: ['apiserver'], why: 'only the apiserver serves with Express' },
  { what: /^@peculiar\/x509$/, projects: ['pki'], why: 'only libs/pki knows the X.509 library' },
  { what: /^@opentelemetry\//, projects: ['component'], why: 'only libs/component knows OpenTelemetry' },
];

/** Pure projects: no I/O, no clock. */
export const PURE = {
  projects: ['apimachinery', 'api', 'cel'],
  never: /^(node:)?(fs|tls|http|https|http2|dgram|child_process|worker_threads|timers)(\/|$)/,
};
