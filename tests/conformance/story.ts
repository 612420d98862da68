import { execFile } from 'node:child_process';
import { inject, it, vi } from 'vitest';
import { Api, Refused, type Answer, type Json } from './api.ts';

export interface Story {
  readonly api: Api;
  /** A namespace of the story's own. */
  readonly ns: string;
  /** `/api/v1/namespaces/<ns>`, or of a group: `in('apps/v1')`. */
  in(groupVersion?: string): string;
  kubectl(line: string, input?: string): Promise<string>;
  /** A name that no other story uses. */
  unique(prefix: string): string;
  /** Done when the story ends, however it ends; the last said is done first. */
  after(clean: () => Promise<unknown> | unknown): void;
}

/** A behaviour that is not there yet; `docs/deviations.md` says so. */
export function missing(behaviour: string, _tell: (story: Story) => Promise<void>): void {
  it.skip(behaviour, () => {});
}

let counter = 0;
const run = process.pid.toString(36) + Date.now().toString(36).slice(-4);

/** A behaviour, told in a namespace of its own. */
export function story(behaviour: string, tell: (story: Story) => Promise<void>, timeoutMs?: number): void {
  it(
    behaviour,
    async () => {
      const api = Api.admin();
      const cleaning: (() => unknown)[] = [];
      const { metadata } = await api.create('/api/v1/namespaces', { metadata: { generateName: 'conformance-' } });
      const ns = metadata.name as string;
      cleaning.push(() => api.send('DELETE', `/api/v1/namespaces/${ns}`));
      await defaultServiceAccount(api, ns);
      try {
        await tell({
          api,
          ns,
          in: (groupVersion = 'v1') => `${prefixOf(groupVersion)}/namespaces/${ns}`,
          kubectl: (line, input) => kubectl(['-n', ns, ...splitLine(line)], input),
          unique: (prefix) => `${prefix}-${run}-${counter++}`,
          after: (clean) => void cleaning.push(clean),
        });
      } finally {
        for (const clean of cleaning.toReversed()) await clean();
      }
    },
    timeoutMs,
  );
}

/** Without it no pod can be created. */
export async function defaultServiceAccount(api: Api, ns: string): Promise<void> {
  await eventually(() => api.get(`/api/v1/namespaces/${ns}/serviceaccounts/default`));
}

/** `/api/v1`, `/apis/apps/v1`. */
export function prefixOf(groupVersion: string): string {
  return groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
}

/** Until it does not throw: for what controllers bring about. */
export function eventually<T>(check: () => Promise<T>, timeoutMs = 40_000): Promise<T> {
  return vi.waitFor(check, { timeout: timeoutMs, interval: 150 });
}

/** What the server answered to a request that it should refuse. */
export async function refusal(request: Promise<unknown>): Promise<Answer & { readonly body: Json }> {
  try {
    await request;
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    throw error;
  }
  throw new Error('the server should have refused this');
}

function kubectl(args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, KUBECONFIG: inject('kubeconfig') };
    const child = execFile('kubectl', args, { env: environment, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error) reject(Object.assign(new Error(`kubectl ${args.join(' ')}: ${stderr || error.message}`), { stdout }));
      else resolve(stdout.trim());
    });
    child.stdin?.end(input ?? '');
  });
}

/** Splits at spaces outside quotes, as a shell does. */
function splitLine(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''),
  );
}
