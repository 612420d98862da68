import { flag } from '@pilothouse/component';
import { OIDC_FLAGS } from './authentication/jwt/oidc-flags.ts';
import { AUDIT_FLAGS } from './audit/audit-flags.ts';

const accepted = { ignored: true };

/** kube-apiserver's flags: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/ */
export const APISERVER_FLAGS = {
  'admission-control-config-file': flag.string({
    description: 'Configuration of admission plugins: an apiserver.config.k8s.io/v1 AdmissionConfiguration.',
  }),
  'advertise-address': flag.string({
    description: 'The address at which members of the cluster reach this apiserver.',
  }),
  'allow-privileged': flag.bool({ default: true, ...accepted }),
  'anonymous-auth': flag.bool({
    default: true,
    description: 'Whether requests without credentials are let in as system:anonymous.',
  }),
  'api-audiences': flag.list({ description: 'Audiences of service account tokens; the issuer unless given.' }),
  'apiserver-count': flag.int({ default: 1, ...accepted }),
  ...AUDIT_FLAGS,
  'authentication-config': flag.string({
    description: 'Whose tokens are believed, and who may come without: an AuthenticationConfiguration.',
  }),
  'authorization-config': flag.string({
    description: 'Authorizers in order, webhooks among them: an AuthorizationConfiguration.',
  }),
  'authorization-mode': flag.list({
    default: ['AlwaysAllow'],
    description: 'Authorizers in order: AlwaysAllow, AlwaysDeny, Node, RBAC, Webhook.',
  }),
  'authorization-webhook-cache-authorized-ttl': flag.duration({
    default: 300_000,
    description: 'How long the webhook’s consent counts.',
  }),
  'authorization-webhook-cache-unauthorized-ttl': flag.duration({
    default: 30_000,
    description: 'How long the webhook’s refusal counts.',
  }),
  'authorization-webhook-config-file': flag.string({
    description: 'The service that mode Webhook asks: a kubeconfig.',
  }),
  'authorization-webhook-version': flag.string({
    default: 'v1beta1',
    description: 'Version of the SubjectAccessReviews that the webhook is sent.',
  }),
  'bind-address': flag.string({ default: '0.0.0.0', description: 'The address to listen on.' }),
  'cert-dir': flag.string({
    description: 'Where apiserver.crt and apiserver.key are, and are put when they are missing.',
  }),
  'client-ca-file': flag.string({ description: 'Authority of client certificates.' }),
  'cors-allowed-origins': flag.list({
    description: 'Regular expressions of origins whose pages may call this server.',
  }),
  'disable-admission-plugins': flag.list({ description: 'Admission plugins to leave out.' }),
  'enable-admission-plugins': flag.list({ description: 'Admission plugins to add to the default ones.' }),
  'enable-aggregator-routing': flag.bool(accepted),
  'enable-bootstrap-token-auth': flag.bool({
    description: 'Let in who shows a bootstrap token of a Secret in kube-system.',
  }),
  'enable-priority-and-fairness': flag.bool({
    default: true,
    description: 'Sort requests into priority levels and serve their users in turn; else they are only counted.',
  }),
  'encryption-provider-config': flag.string({
    description: 'How resources are encrypted in etcd: an apiserver.config.k8s.io/v1 EncryptionConfiguration.',
  }),
  'encryption-provider-config-automatic-reload': flag.bool({
    description: 'Follow changes of the encryption configuration.',
  }),
  'etcd-cafile': flag.string({ description: 'Authority of the etcd servers.' }),
  'etcd-certfile': flag.string({ description: 'Client certificate for etcd.' }),
  'etcd-compaction-interval': flag.duration({
    default: 300_000,
    description: 'How often old revisions are compacted away; 0 for never.',
  }),
  'etcd-healthcheck-timeout': flag.duration({
    default: 2_000,
    description: 'How long etcd may take to answer a health check.',
  }),
  'etcd-keyfile': flag.string({ description: 'Key of the client certificate for etcd.' }),
  'etcd-prefix': flag.string({ default: '/registry', description: 'What every key in etcd begins with.' }),
  'etcd-readycheck-timeout': flag.duration({
    default: 2_000,
    description: 'How long etcd may take to answer a check of readiness.',
  }),
  'etcd-servers': flag.list({
    default: ['http://127.0.0.1:2379'],
    description: 'The etcd servers: scheme://host:port.',
  }),
  'event-ttl': flag.duration({ default: 3_600_000, description: 'How long events are kept.' }),
  'goaway-chance': flag.float({
    description: 'Fraction of HTTP/2 requests, at most 0.02, that ask their client to connect anew.',
  }),
  'http2-max-streams-per-connection': flag.int({
    default: 1000,
    description: 'Streams that one HTTP/2 connection may have open.',
  }),
  'kubelet-certificate-authority': flag.string({
    description: 'Authority of the kubelets’ serving certificates; not checked unless given.',
  }),
  'kubelet-client-certificate': flag.string({ description: 'Client certificate for kubelets.' }),
  'kubelet-client-key': flag.string({ description: 'Key of the client certificate for kubelets.' }),
  'kubelet-preferred-address-types': flag.list({
    default: ['Hostname', 'InternalDNS', 'InternalIP', 'ExternalDNS', 'ExternalIP'],
    description: 'Which of a node’s addresses to use.',
  }),
  'livez-grace-period': flag.duration({
    description: 'For so long a server that is still starting counts as alive.',
  }),
  'max-mutating-requests-inflight': flag.int({
    default: 200,
    description: 'Writes under way at a time; 0 for no limit. With priority and fairness, added to the reads.',
  }),
  'max-requests-inflight': flag.int({
    default: 400,
    description: 'Reads under way at a time; 0 for no limit. With priority and fairness, added to the writes.',
  }),
  'min-request-timeout': flag.int({ default: 1800, description: 'Seconds after which a watch ends at the earliest.' }),
  ...OIDC_FLAGS,
  'proxy-client-cert-file': flag.string({ description: 'Client certificate for extension servers.' }),
  'proxy-client-key-file': flag.string({ description: 'Key of the client certificate for extension servers.' }),
  'request-timeout': flag.duration({ default: 60_000, description: 'How long a request may take, watches aside.' }),
  'requestheader-allowed-names': flag.list({ description: 'Common names of front proxies; any when empty.' }),
  'requestheader-client-ca-file': flag.string({ description: 'Authority of front proxies.' }),
  'requestheader-extra-headers-prefix': flag.list({
    default: ['X-Remote-Extra-'],
    description: 'Prefixes of headers with extra user info.',
  }),
  'requestheader-group-headers': flag.list({ default: ['X-Remote-Group'], description: 'Headers with groups.' }),
  'requestheader-username-headers': flag.list({
    default: ['X-Remote-User'],
    description: 'Headers with the user name.',
  }),
  'runtime-config': flag.list({
    description: 'Versions to serve or not: api/all, api/ga, api/beta, api/alpha or group/version, =true or =false.',
  }),
  'secure-port': flag.int({ default: 6443, description: 'The port to listen on; 0 picks a free one.' }),
  'service-account-extend-token-expiration': flag.bool({ default: true, ...accepted }),
  'service-account-issuer': flag.list({
    default: ['https://kubernetes.default.svc.cluster.local'],
    description: 'Issuer of service account tokens; further ones are accepted.',
  }),
  'service-account-key-file': flag.list({ description: 'Public keys that service account tokens are checked with.' }),
  'service-account-lookup': flag.bool({
    default: true,
    description: 'Whether the account of a token must still exist.',
  }),
  'service-account-max-token-expiration': flag.duration({ description: 'The longest life of a token.' }),
  'service-account-signing-key-file': flag.string({
    description: 'Private key that service account tokens are signed with.',
  }),
  'service-cluster-ip-range': flag.string({
    default: '10.0.0.0/24',
    description: 'Ranges of cluster IPs: one, or two of different families.',
  }),
  'service-node-port-range': flag.string({ default: '30000-32767', description: 'Range of node ports.' }),
  'shutdown-delay-duration': flag.duration({
    description: 'How long readiness fails before the server stops to accept.',
  }),
  'storage-backend': flag.string({ default: 'etcd3', ...accepted }),
  'tls-cert-file': flag.string({ description: 'Serving certificate, with intermediates.' }),
  'tls-private-key-file': flag.string({ description: 'Key of the serving certificate.' }),
  'token-auth-file': flag.string({ description: 'File of static tokens: token,user,uid,"group1,group2".' }),
} as const;
