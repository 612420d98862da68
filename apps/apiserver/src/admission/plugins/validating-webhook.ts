import type { Resources } from '../../registry/resources.ts';
import type { AdmissionPlugin } from '../chain.ts';
import { isAdmissionConfiguration } from '../webhooks/match-rules.ts';
import { dispatchValidating } from '../webhooks/validating-dispatcher.ts';
import type { WebhookServices } from '../webhooks/webhook-services.ts';
import { WebhookSource } from '../webhooks/webhook-source.ts';

/** Lets the webhooks of ValidatingWebhookConfigurations refuse objects. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
export function validatingAdmissionWebhook(resources: Resources, services: WebhookServices): AdmissionPlugin {
  const source = new WebhookSource(
    resources.get('admissionregistration.k8s.io', 'validatingwebhookconfigurations').registry,
  );
  return {
    name: 'ValidatingAdmissionWebhook',
    operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
    async validate(attributes) {
      if (isAdmissionConfiguration(attributes)) return;
      const hooks = await source.hooksFor(attributes);
      if (hooks.length > 0) await dispatchValidating(hooks, attributes, services);
    },
  };
}
