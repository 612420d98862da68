/** The Kubernetes API level that every component speaks, as `/version` and `kubectl version` show it. */
export const KUBERNETES_VERSION = { major: '1', minor: '36', patch: '0' } as const;

export const GIT_VERSION = `v${KUBERNETES_VERSION.major}.${KUBERNETES_VERSION.minor}.${KUBERNETES_VERSION.patch}+pilothouse`;
