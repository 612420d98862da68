import type { ClientPool, KubeClient, Leadership } from '@pilothouse/client';
import type { Clock } from '@pilothouse/component';
import { ServiceAccountTokenSource } from './service-account-token-source.ts';

/** Gives each controller the client it acts with. */
export interface ControllerClients {
  /** By the name of the controller's service account in kube-system. With a leadership it writes only while that is held. */
  clientFor(account: string, leadership?: Leadership): KubeClient;
}

/** Every controller acts as the process; only the user agent tells them apart. */
export function processClients(pool: ClientPool, userAgent: string): ControllerClients {
  return { clientFor: (account, leadership) => pool.client({ userAgent: `${userAgent}/${account}`, leadership }) };
}

/**
 * `--use-service-account-credentials`: every controller acts as its own account, and may do what the account's role
 * `system:controller:<account>` says. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles
 */
export function serviceAccountClients(options: {
  /** The process's own identity, which may ask for tokens. */
  readonly root: KubeClient;
  /** Connections that carry no identity. */
  readonly pool: ClientPool;
  readonly userAgent: string;
  readonly clock: Clock;
}): ControllerClients {
  const { root, pool, userAgent, clock } = options;
  const sources = new Map<string, ServiceAccountTokenSource>();
  return {
    clientFor(account, leadership) {
      const source = sources.get(account) ?? new ServiceAccountTokenSource(root, clock, account);
      sources.set(account, source);
      return pool.client({
        userAgent: `${userAgent}/system:serviceaccount:kube-system:${account}`,
        token: source.token,
        onUnauthorized: source.reset,
        leadership,
      });
    },
  };
}
