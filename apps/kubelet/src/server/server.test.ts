import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ContainerLog } from '../runtime/container-log.ts';
import { LogReader } from './log-reader.ts';
import { parseLogOptions } from './log-options.ts';
import { DICTIONARY } from './streaming/spdy/dictionary.ts';
import { dataFrame, readFrame } from './streaming/spdy/frame.ts';
import { decodeHeaders, encodeHeaders } from './streaming/spdy/header-block.ts';
import { HeaderCodec } from './streaming/spdy/header-codec.ts';
import { isOpenPort } from '../runtime/open-ports.ts';
import { SimulatedService } from './streaming/simulated-service.ts';
import { TerminalInput } from './streaming/terminal-input.ts';

describe('reading a log', () => {
  const NOW = new Date('2030-01-01T00:00:10.000Z');
  function logOf(lines: [second: number, text: string, stream?: 'stdout' | 'stderr'][]): ContainerLog {
    let at = NOW;
    const log = new ContainerLog({ now: () => at });
    for (const [second, text, stream] of lines) {
      at = new Date(Date.UTC(2030, 0, 1, 0, 0, second, 5));
      log.write(text, stream);
    }
    return log;
  }
  const read = (log: ContainerLog, query: string): string =>
    new LogReader(log, parseLogOptions(new URLSearchParams(query), NOW)).read();
  const log = logOf([
    [1, 'one\n'],
    [2, 'two\n', 'stderr'],
    [8, 'three\n'],
    [9, 'rest'],
  ]);

  test.each([
    ['', 'one\ntwo\nthree\nrest'],
    ['tailLines=2', 'three\nrest'],
    ['tailLines=0', ''],
    ['sinceSeconds=5', 'three\nrest'],
    ['sinceTime=2030-01-01T00:00:08Z', 'three\nrest'],
    ['limitBytes=5', 'one\nt'],
    ['stream=Stderr', 'two\n'],
    ['stream=Stdout&tailLines=2', 'three\nrest'],
    ['timestamps=true&tailLines=1', '2030-01-01T00:00:09.005000000Z rest'],
  ])('with %j', (query, expected) => {
    expect(read(log, query)).toBe(expected);
  });

  test.each(['tailLines=-1', 'limitBytes=0', 'sinceSeconds=x', 'sinceTime=never', 'stream=None'])(
    'refuses %s',
    (query) => {
      expect(() => read(log, query)).toThrow(/Invalid value|Unsupported value/);
    },
  );

  test('follows until the end', () => {
    const growing = logOf([[1, 'a\n']]);
    const reader = new LogReader(growing, parseLogOptions(new URLSearchParams('follow=1'), NOW));
    expect([reader.read(), reader.done]).toEqual(['a\n', false]);
    growing.write('b\n');
    expect([reader.read(), reader.done]).toEqual(['b\n', false]);
    growing.close();
    expect([reader.read(), reader.done]).toEqual(['', true]);
  });

  test('keeps a bounded tail, and followers know what they missed', () => {
    const long = logOf([]);
    for (let n = 0; n < 30_000; n++) long.write(`line ${n} ${'x'.repeat(40)}\n`);
    expect(long.lines().length).toBeLessThan(12_000);
    expect(long.line(long.endIndex - 1)!.text).toMatch(/^line 29999 /);
    expect(long.line(0)).toBeUndefined();
  });
});

describe('SPDY', () => {
  test('has the dictionary of the protocol: its length and the checksum that zlib sends along', () => {
    let [a, b] = [1, 0];
    for (const byte of DICTIONARY) {
      a = (a + byte) % 65521;
      b = (b + a) % 65521;
    }
    expect(DICTIONARY).toHaveLength(1423);
    expect((b * 65536 + a).toString(16)).toBe('e3c6a7c2');
  });

  test('header blocks survive their journey, one after the other through the same stream', async () => {
    const headers = fc
      .dictionary(fc.stringMatching(/^[a-z-]{1,12}$/), fc.string())
      .map((entries) => new Map(Object.entries(entries)));
    fc.assert(
      fc.property(headers, (each) => {
        expect(decodeHeaders(encodeHeaders(each))).toEqual(each);
      }),
    );
    const codec = new HeaderCodec();
    for (const streamtype of ['error', 'stdin', 'stdout']) {
      const block = await codec.encode(new Map([['streamtype', streamtype]]));
      expect(block.subarray(-4)).toEqual(Buffer.from([0, 0, 255, 255]));
      expect((await codec.decode(block)).get('streamtype')).toBe(streamtype);
    }
    codec.close();
  });

  test('a block that is cut off is an error, not a crash', () => {
    expect(() => decodeHeaders(encodeHeaders(new Map([['a', 'b']])).subarray(0, 10))).toThrow(RangeError);
  });

  test('frames are read when all of them is there', () => {
    const frame = dataFrame(7, Buffer.from('hello'), true);
    for (let length = 0; length < frame.length; length++) expect(readFrame(frame.subarray(0, length))).toBeUndefined();
    expect(readFrame(Buffer.concat([frame, frame]))).toEqual({
      frame: { control: false, streamId: 7, flags: 1, payload: Buffer.from('hello') },
      length: frame.length,
    });
  });
});

describe('a terminal', () => {
  test.each([
    ['ls\r', { echo: 'ls\r\n', lines: ['ls\n'] }],
    ['lx\x7fs\r', { echo: 'lx\b \bs\r\n', lines: ['ls\n'] }],
    ['\x7fls', { echo: 'ls', lines: [] }],
    ['half\x03', { echo: 'half^C\r\n', lines: [], interrupted: true }],
    ['\x04', { echo: '', ended: true }],
    ['x\x04', { echo: 'x', ended: false }],
    ['abc\x15d\r', { lines: ['d\n'] }],
  ])('shows and passes on %j', (typed, expected) => {
    expect(new TerminalInput().type(typed)).toMatchObject(expected);
  });
});

describe('what answers on a forwarded port', () => {
  const pod = {
    metadata: { namespace: 'default', name: 'web' },
    spec: { nodeName: 'node-1', containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
  };

  test('speaks HTTP, however the request is cut, and several times', () => {
    const service = new SimulatedService(pod, 80);
    expect(service.receive(Buffer.from('GET / HTTP/1.1\r\nHost: x')).toString()).toBe('');
    const answer = service.receive(Buffer.from('\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi')).toString();
    expect(answer.match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
    expect(answer).toContain('pod default/web on node-1, port 80');
  });

  test('takes a body that comes in chunks, wherever it is cut', () => {
    const request = Buffer.from(
      'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nA;x=1\r\n, 2\r\nthere\r\n0\r\n\r\n',
    );
    for (let cut = 'POST '.length; cut < request.length; cut++) {
      const service = new SimulatedService(pod, 80, ({ body }) => ({ status: 200, body }));
      expect(service.receive(request.subarray(0, cut)).toString()).toBe('');
      expect(service.receive(request.subarray(cut)).toString()).toMatch(/\r\n\r\nhi, 2\r\nthere$/);
    }
  });

  test('sends anything else back', () => {
    expect(new SimulatedService(pod, 80).receive(Buffer.from('\x00ping')).toString()).toBe('\x00ping');
  });

  test('is only there on declared ports, if any are', () => {
    expect([
      isOpenPort(pod, 80),
      isOpenPort(pod, 81),
      isOpenPort({ ...pod, spec: { containers: [{ name: 'c' }] } }, 81),
    ]).toEqual([true, false, true]);
  });
});
