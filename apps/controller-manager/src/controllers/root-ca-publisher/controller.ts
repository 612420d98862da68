import { isAlreadyExists, isNotFound } from '@pilothouse/apimachinery';
import { type ConfigMap, configmaps, type Namespace, namespaces } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { isNamespaceTerminating } from '../pod-control.ts';

const NAME = 'kube-root-ca.crt';
const DESCRIPTION_ANNOTATION = 'kubernetes.io/description';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Publishes the cluster's certificate authority in every namespace, for pods. Mirrors pkg/controller/certificates/rootcacertpublisher. */
export class RootCaPublisher implements Controller {
  readonly name = 'root-ca-certificate-publisher-controller';
  readonly workers = 2;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly namespaces: SharedInformer<Namespace>;
  private readonly configMaps: SharedInformer<ConfigMap>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.namespaces = context.informers.for(namespaces);
    this.configMaps = context.informers.for(configmaps);
    const changed = (configMap: ConfigMap): void => {
      if (configMap.metadata.name === NAME) this.queue.add(configMap.metadata.namespace ?? '');
    };
    this.configMaps.addHandler({ onUpdate: (_, after) => changed(after), onDelete: changed });
    this.namespaces.addHandler({
      onAdd: (namespace) => this.queue.add(namespace.metadata.name ?? ''),
      onUpdate: (_, namespace) => this.queue.add(namespace.metadata.name ?? ''),
    });
  }

  async reconcile(namespaceName: string): Promise<ReconcileResult> {
    const rootCa = this.context.options.rootCa;
    const namespace = this.namespaces.lister.get(namespaceName);
    if (!rootCa || !namespace || namespace.status?.phase === 'Terminating' || namespace.metadata.deletionTimestamp)
      return;
    const data = { 'ca.crt': rootCa };
    const existing = this.configMaps.lister.get(`${namespaceName}/${NAME}`);
    const annotations = { ...existing?.metadata.annotations, [DESCRIPTION_ANNOTATION]: DESCRIPTION };
    const client = this.context.client.resource(configmaps);
    try {
      if (!existing) {
        await client.create(
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: NAME, namespace: namespaceName, annotations },
            data,
          },
          { namespace: namespaceName },
        );
      } else if (!isPublished(existing, rootCa)) {
        await client.update(
          { ...existing, metadata: { ...existing.metadata, annotations }, data },
          { namespace: namespaceName },
        );
      }
    } catch (error) {
      if (!isAlreadyExists(error) && !isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
  }
}

/** What the description says is up to whoever changed it, as long as there is one. */
function isPublished({ metadata, data = {} }: ConfigMap, rootCa: string): boolean {
  const isDescribed = Boolean(metadata.annotations?.[DESCRIPTION_ANNOTATION]);
  return isDescribed && data['ca.crt'] === rootCa && Object.keys(data).length === 1;
}
