import type { Resources } from '../../registry/resources.ts';
import type { AdmissionPlugin } from '../chain.ts';
import { isAdmissionConfiguration } from '../webhooks/match-rules.ts';
import { dispatchMutating } from '../webhooks/mutating-dispatcher.ts';
import type { WebhookServices } from '../webhooks/webhook-services.ts';
import { WebhookSource } from '../webhooks/webhook-source.ts';

/** Lets the webhooks of MutatingWebhookConfigurations change objects. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
export function mutatingAdmissionWebhook(resources: Resources, services: WebhookServices): AdmissionPlugin {
  const source = new WebhookSource(
    resources.get('admissionregistration.k8s.io', 'mutatingwebhookconfigurations').registry,
  );
  return {
    name: 'MutatingAdmissionWebhook',
    operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
    async mutate(attributes, reinvocation) {
      if (isAdmissionConfiguration(attributes)) return;
      const hooks = await source.hooksFor(attributes);
      if (hooks.length > 0) await dispatchMutating(hooks, attributes, reinvocation, services);
    },
  };
}
