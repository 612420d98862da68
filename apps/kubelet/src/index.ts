export { FLAGS } from './flags.ts';
export { createSimulation, Kubelet } from './kubelet.ts';
export type { KubeletOptions } from './kubelet.ts';
export type { NodeSpec } from './node/node-object.ts';
export { PodNetwork } from './runtime/pod-network.ts';
export { SimulatedRuntime } from './runtime/simulated-runtime.ts';
export { STAGES } from './stages/index.ts';
export { parseStages } from './stages/parse-stages.ts';
export type { Stage } from './stages/stage.ts';
