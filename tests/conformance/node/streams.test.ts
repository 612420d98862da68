import https from 'node:https';
import { readKubeconfigFile } from '@pilothouse/pki';
import { expect, inject } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, story, type Story } from '../story.ts';
import { runPod, script } from '../pods.ts';

/** What comes over a WebSocket of this subprotocol until the server closes it. */
function webSocket(path: string, protocol: string): Promise<{ channel: number; text: string }[]> {
  const config = readKubeconfigFile(inject('kubeconfig'));
  const agent = new https.Agent({ ca: config.caPem, cert: config.clientCertPem, key: config.clientKeyPem });
  const socket = new WebSocket(`${config.server.replace('https', 'wss')}${path}`, protocol, { agent });
  const frames: { channel: number; text: string }[] = [];
  return new Promise((resolve, reject) => {
    socket.on('message', (data: Buffer, isBinary) => {
      const channelled = protocol.includes('channel');
      const bytes = protocol.startsWith('base64') && !channelled ? Buffer.from(data.toString(), 'base64') : data;
      frames.push({
        channel: channelled && isBinary ? bytes[0]! : -1,
        text: bytes.toString('utf8', channelled ? 1 : 0),
      });
    });
    socket.on('close', () => resolve(frames));
    socket.on('error', reject);
  });
}

async function talker(told: Story): Promise<string> {
  const pod = await runPod(told, script('echo container is alive; sleep 10000'));
  return `${told.in()}/pods/${pod.metadata.name}`;
}

story('a command is carried out over a WebSocket', async (told) => {
  const path = await talker(told);
  const query = ['echo', 'remote execution test'].map((word) => `command=${encodeURIComponent(word)}`).join('&');
  const frames = await webSocket(`${path}/exec?stdout=1&stderr=1&container=c&${query}`, 'v5.channel.k8s.io');
  const said = (channel: number): string =>
    frames
      .filter((each) => each.channel === channel)
      .map(({ text }) => text)
      .join('');
  expect(said(1)).toBe('remote execution test\n');
  expect(JSON.parse(said(3))).toMatchObject({ status: 'Success' });
});

story('the log of a container comes over a WebSocket', async (told) => {
  const path = await talker(told);
  await expect(webSocket(`${path}/log?container=none`, 'binary.k8s.io')).rejects.toThrow('400');
  await eventually(async () => {
    const frames = await webSocket(`${path}/log?container=c`, 'binary.k8s.io');
    expect(frames.map(({ text }) => text).join('')).toBe('container is alive\n');
  });
});
