// `npm run test:compose [-- scenario…]`: builds the images, brings the cluster of docker-compose.yml up and puts it through
// the scenarios of scenarios/index.ts, or those that are named. Says why it is skipped where no Docker engine runs. Nothing
// is left behind; with --keep-images at least the images of others and the cache of the build are, for the next time.
import { check } from './check.ts';
import { ComposeCluster } from './compose-cluster.ts';
import { composeCommand, stopCommands, succeeds } from './docker.ts';
import { buildImages, ensureForeignImages, removeStandIns } from './images.ts';
import { SCENARIOS } from './scenarios/index.ts';

function skip(reason: string): never {
  process.stdout.write(`skipped: ${reason}\n`);
  process.exit(0);
}

if (!succeeds('docker', 'info')) skip('no Docker engine answers (docker info fails)');
if (!composeCommand()) skip('Docker Compose is not installed');
if (!succeeds('kubectl', 'version', '--client')) skip('kubectl is not installed');
const why = ensureForeignImages();
if (why) skip(why);

const named = process.argv.slice(2).filter((each) => !each.startsWith('--'));
const unknown = named.filter((name) => SCENARIOS.every((each) => each.name !== name));
if (unknown.length > 0) {
  process.stderr.write(`no scenario: ${unknown.join()}; there are ${SCENARIOS.map(({ name }) => name).join()}\n`);
  process.exit(2);
}
const chosen = SCENARIOS.filter(({ name }) => named.length === 0 || named.includes(name));
const cluster = await ComposeCluster.create(`test-${process.pid}`);

async function cleanUp(): Promise<void> {
  await cluster.remove();
  if (!process.argv.includes('--keep-images')) await removeStandIns();
}

for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
  process.once(signal, () => {
    stopCommands();
    void cleanUp().finally(() => process.exit(code));
  });
}

try {
  process.stdout.write(`${composeCommand()!.join(' ')}, project ${cluster.name}\nbuild\n`);
  await buildImages(cluster.tag);
  if (named.length > 0 && !named.includes('start') && named.join() !== 'images') await cluster.up();
  for (const { name, run } of chosen) {
    process.stdout.write(`${name}\n`);
    await run(cluster);
  }
  check(true, 'everything passed');
} catch (error) {
  const { message, stderr } = error as Error & { stderr?: string };
  process.stderr.write(`failed: ${message}\n${stderr ?? ''}\n`);
  process.exitCode = 1;
} finally {
  await cleanUp();
}
