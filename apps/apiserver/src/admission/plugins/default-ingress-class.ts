import { forbidden } from '@pilothouse/apimachinery';
import type { Ingress, IngressClass } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionPlugin } from '../chain.ts';

const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';
const OLD_CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** An Ingress without a class gets the default one. */
export function defaultIngressClass(classes: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    operations: ['CREATE'],
    async mutate({ definition, object, name, subresource }) {
      if (definition.group !== 'networking.k8s.io' || definition.resource !== 'ingresses' || subresource !== '') return;
      const ingress = object as Ingress;
      if (ingress.spec?.ingressClassName || ingress.metadata?.annotations?.[OLD_CLASS_ANNOTATION]) return;
      const { items } = await classes.store.list({ namespace: '', resourceVersion: '0', unfiltered: true });
      const defaults = items
        .map((each) => each.object as IngressClass)
        .filter(({ metadata }) => metadata?.annotations?.[DEFAULT_ANNOTATION] === 'true')
        // The newest wins, as upstream decides when several claim to be it.
        .sort(
          (a, b) => Date.parse(b.metadata?.creationTimestamp ?? '') - Date.parse(a.metadata?.creationTimestamp ?? ''),
        );
      const [chosen] = defaults;
      if (chosen === undefined) return;
      if (chosen.metadata?.name === undefined)
        throw forbidden(definition, name, 'the default IngressClass has no name');
      ingress.spec = { ...ingress.spec, ingressClassName: chosen.metadata.name };
    },
  };
}
