/** The domain of the cluster's names. */
export const CLUSTER_DOMAIN = 'cluster.local';
/** Where pods look names up. */
export const CLUSTER_DNS = '10.96.0.10';
