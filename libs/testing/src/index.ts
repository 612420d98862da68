export { freePort } from './free-port.ts';
export { startEtcd, startEtcdCluster, type RunningEtcd, type StartEtcdOptions } from './etcd.ts';
export { startApiserver, type RunningApiserver, type StartApiserverOptions } from './control-plane.ts';
