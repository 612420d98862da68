export { dropTypeDependentFields, keepAllocatedValues, normalizeClusterIps } from './allocated-fields.ts';
export { isHeadless, needsClusterIp, needsHealthCheckNodePort } from './service-type.ts';
