export { freePort, startEtcd, type RunningEtcd, type StartEtcdOptions } from './etcd.ts';
