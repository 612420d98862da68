import { flag } from '@pilothouse/component';

/** The metrics server's own flags, by its names, and one more. */
export const FLAGS = {
  kubeconfig: flag.string({ description: 'Path to the kubeconfig with the address and credentials of the apiserver.' }),
  'secure-port': flag.int({ default: 4443, description: 'The port to serve on; 0 picks a free one.' }),
  'bind-address': flag.string({ default: '0.0.0.0', description: 'The address to serve on.' }),
  'tls-cert-file': flag.string({ description: 'Server certificate.' }),
  'tls-private-key-file': flag.string({ description: 'Key of the server certificate.' }),
  'requestheader-client-ca-file': flag.string({
    description: 'Authority of the apiserver as a proxy: only it may ask.',
  }),
  'metric-resolution': flag.duration({
    default: 15_000,
    description: 'How old an answer may be. Kubelets are asked only when somebody asks this server.',
  }),
  'register-external-name': flag.string({
    description: 'Register the API under this host name and the port served on; otherwise somebody else does.',
  }),
  'register-ca-file': flag.string({ description: 'Authority of the server certificate, for the registration.' }),
};
