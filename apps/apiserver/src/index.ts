export { startApiserver, type Apiserver, type ApiserverOptions } from './apiserver.ts';
