import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeCluster } from '../../testing/fake-cluster.ts';
import type { Outcome, RemoteStreams } from './remote-streams.ts';
import { runAttach } from './run-attach.ts';
import { runExec } from './run-exec.ts';

class RecordedStreams implements RemoteStreams {
  out = '';
  err = '';
  outcome: Outcome | undefined;
  onInput: (chunk: Buffer) => void = () => undefined;
  onInputEnd: () => void = () => undefined;
  onClose: () => void = () => undefined;

  write(stream: 'stdout' | 'stderr', text: string): void {
    if (stream === 'stdout') this.out += text;
    else this.err += text;
  }

  finish(outcome: Outcome): void {
    this.outcome = outcome;
  }
}

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await new FakeCluster().start();
  cluster.createConfigMap('settings', { 'app.ini': 'mode=test\n', LEVEL: 'debug' });
  cluster.createPod('web', {
    volumes: [{ name: 'conf', configMap: { name: 'settings' } }],
    container: {
      envFrom: [{ configMapRef: { name: 'settings' } }],
      env: [
        { name: 'ME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'GREETING', value: 'I am $(ME)' },
      ],
      volumeMounts: [{ name: 'conf', mountPath: '/etc/app' }],
    },
  });
  cluster.createPod('talk', { restartPolicy: 'Never', container: { image: 'busybox', command: ['sh'], stdin: true } });
  await cluster.clock.run(2000);
});
afterEach(() => cluster.stop());

function container(pod: string) {
  const { uid } = cluster.kubelet.podManager.find('default', pod)!;
  return cluster.kubelet.runtime.container(uid, 'main')!;
}

function exec(command: string[], { stdin = false, tty = false } = {}): RecordedStreams {
  const streams = new RecordedStreams();
  runExec({ container: container('web'), command, stdin, tty }, streams, cluster.clock);
  return streams;
}

describe('exec', () => {
  test('what was typed before the connection was closed is read to its end', async () => {
    const streams = exec(['sh', '-c', 'cat - > /tmp/uploaded'], { stdin: true });
    streams.onInput(Buffer.from('one line\nand a rest'));
    streams.onClose();
    await Promise.resolve();
    await cluster.clock.run(10);
    expect(container('web').files.read('/tmp/uploaded')).toBe('one line\nand a rest');
    expect(streams.outcome).toEqual({ exitCode: 0 });
  });

  test('sees the environment, the mounted files and the name of the pod', () => {
    expect(exec(['sh', '-c', 'echo $GREETING, $LEVEL; cat /etc/app/app.ini; hostname']).out).toBe(
      'I am web, debug\nmode=test\nweb\n',
    );
  });

  test('reports the exit code, and an unknown command as not found', () => {
    expect(exec(['sh', '-c', 'exit 4']).outcome).toEqual({ exitCode: 4 });
    expect(exec(['nosuch'])).toMatchObject({ err: 'nosuch: not found\n', outcome: { exitCode: 127 } });
  });

  test('takes its time to sleep', async () => {
    const streams = exec(['sleep', '3']);
    await cluster.clock.run(2000);
    expect(streams.outcome).toBeUndefined();
    await cluster.clock.run(2000);
    expect(streams.outcome).toEqual({ exitCode: 0 });
  });

  test('reads standard input to its end', async () => {
    const streams = exec(['cat'], { stdin: true });
    streams.onInput(Buffer.from('one\ntw'));
    streams.onInput(Buffer.from('o'));
    streams.onInputEnd();
    await cluster.clock.run(0);
    expect(streams).toMatchObject({ out: 'one\ntwo', outcome: { exitCode: 0 } });
  });

  test('on a terminal echoes, prompts, survives Control-C and ends with exit', async () => {
    const streams = exec(['sh'], { stdin: true, tty: true });
    for (const typed of ['echo hi\r', 'half\x03', 'exit 3\r']) {
      streams.onInput(Buffer.from(typed));
      await cluster.clock.run(0);
    }
    expect(streams.out).toContain('/ # echo hi\r\nhi\r\n/ # half^C\r\n');
    expect(streams).toMatchObject({ err: '', outcome: { exitCode: 3 } });
  });

  test('ends with its container', async () => {
    const streams = exec(['tail', '-f', '/dev/null']);
    cluster.deletePod('web');
    await cluster.clock.run(1000);
    expect(streams.outcome).toEqual({ exitCode: 137 });
  });
});

describe('attach', () => {
  test('talks to the main process until it ends', async () => {
    const streams = new RecordedStreams();
    runAttach({ container: container('talk'), stdin: true, tty: false }, streams);
    streams.onInput(Buffer.from('echo heard\n'));
    await cluster.clock.run(100);
    expect(streams.out).toBe('heard\n');
    streams.onInput(Buffer.from('exit 2\n'));
    await cluster.clock.run(1000);
    expect(streams.outcome).toEqual({ exitCode: 0 });
    expect(cluster.pod('talk').status).toMatchObject({
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 2 } } }],
    });
  });
});
