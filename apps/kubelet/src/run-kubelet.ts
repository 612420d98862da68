import { readFileSync } from 'node:fs';
import { clientFromKubeconfig } from '@pilothouse/client';
import type { ComponentContext } from '@pilothouse/component';
import type { FLAGS } from './flags.ts';
import { createSimulation, Kubelet } from './kubelet.ts';
import { planNodes } from './kubelet-options.ts';
import { parseStages } from './stages/parse-stages.ts';

/** Puts a kubelet together from the process's flags. */
export async function runKubelet(component: ComponentContext<typeof FLAGS>): Promise<void> {
  const { options, clock, random, logger, signal } = component;
  const { speed } = options;
  if (!(speed > 0)) throw new Error('--speed must be greater than 0');
  const stages = options.stages.flatMap((file) => parseStages(readFileSync(file, 'utf8'), file));
  const { network, runtime } = createSimulation({ clock, random, stages, speed });
  const client = await clientFromKubeconfig(options.kubeconfig, {
    userAgent: 'kubelet',
    contentType: options.kubeApiContentType === 'application/json' ? 'json' : 'protobuf',
    clock,
  });
  component.onShutdown('client', () => client.close());
  const specs = planNodes(options, options.port, runtime.version);
  const kubelet = new Kubelet({ client, nodes: specs, clock, random, logger, network, runtime, speed });
  component.onShutdown('kubelet', () => kubelet.stop());
  await kubelet.start(signal);
  logger.info({ nodes: specs.length }, 'Kubelet started');
}
