import { describe, expect } from 'vitest';
import { story } from '../story.ts';
import { agnhost, createPod, logOf, outputOf, script, untilPhase } from '../pods.ts';
import type { Json } from '../api.ts';

const MOUNT = { volumeMounts: [{ name: 'v', mountPath: '/test-volume' }] };
const FILE = '/test-volume/test-file';
const MODES = { '0644': '-rw-r--r--', '0666': '-rw-rw-rw-', '0777': '-rwxrwxrwx' };

/** https://kubernetes.io/docs/concepts/storage/volumes/#emptydir */
describe.each(['', 'Memory'])('an emptyDir of medium %j', (medium) => {
  const where = medium === '' ? 'on disk' : 'in memory';
  const volumes = [{ name: 'v', emptyDir: medium === '' ? {} : { medium } }];
  const type = (log: string): void => {
    if (medium === 'Memory') expect(log).toContain('mount type of "/test-volume": tmpfs\n');
    else expect(log).not.toContain('tmpfs');
  };

  story(`an emptyDir ${where} is everybody’s to write to`, async (told) => {
    const log = await outputOf(
      told,
      agnhost(['mounttest', '--fs_type=/test-volume', '--file_perm=/test-volume'], MOUNT),
      {
        volumes,
      },
    );
    type(log);
    expect(log).toContain('perms of file "/test-volume": -rwxrwxrwx\n');
  });

  for (const [mode, shown] of Object.entries(MODES))
    for (const user of ['root', 'another user']) {
      story(`a file of mode ${mode} in an emptyDir ${where} is written by ${user}`, async (told) => {
        const flags = ['--fs_type=/test-volume', `--new_file_${mode}=${FILE}`, `--file_perm=${FILE}`];
        const securityContext: Json = user === 'root' ? {} : { runAsUser: 1001 };
        const log = await outputOf(told, agnhost(['mounttest', ...flags, `--file_owner=${FILE}`], MOUNT), {
          volumes,
          securityContext,
        });
        type(log);
        expect(log).toContain(`perms of file "${FILE}": ${shown}\n`);
        expect(log).toContain(`owner UID of "${FILE}": ${securityContext.runAsUser ?? 0}\n`);
        const content = agnhost(['mounttest', `--new_file_${mode}=${FILE}`, `--file_content=${FILE}`], MOUNT);
        expect(await outputOf(told, content, { volumes, securityContext })).toContain(
          `content of file "${FILE}": mount-tester new file\n`,
        );
      });
    }
});

story('containers share an emptyDir, also what one of them waits for', async (told) => {
  const volumeMounts = [{ name: 'v', mountPath: '/shared' }];
  const pod = await createPod(told, undefined, {
    volumes: [{ name: 'v', emptyDir: {} }],
    containers: [
      script('while [ ! -f /shared/data ]; do sleep 1; done; cat /shared/data', { volumeMounts }),
      script('sleep 1; mkdir /shared/made; echo hello from the other > /shared/data', { name: 'other', volumeMounts }),
    ],
  });
  await untilPhase(told, pod.metadata.name, 'Succeeded');
  expect(await logOf(told, pod.metadata.name, '?container=c')).toBe('hello from the other\n');
});
