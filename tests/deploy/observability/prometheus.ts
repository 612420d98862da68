import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@pilothouse/testing';
import { parse, stringify } from 'yaml';

export const OBSERVABILITY = join(import.meta.dirname, '..', '..', '..', 'deploy', 'observability');

export interface Alert {
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
}

export interface RunningPrometheus {
  query(expression: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]>;
  metricNames(): Promise<string[]>;
  firing(): Promise<string[]>;
  stop(): Promise<void>;
}

export function isInstalled(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The expressions of the alert rules as they are deployed, by the alert's name. */
export function alertExpressions(): Map<string, string> {
  const { groups } = parse(readFileSync(join(OBSERVABILITY, 'alerts.yaml'), 'utf8'));
  return new Map(groups.flatMap(({ rules }: any) => rules.map(({ alert, expr }: any) => [alert, expr])));
}

/** The expressions of the dashboard, by the title of their panel. */
export function panelExpressions(): [title: string, expression: string][] {
  const file = join(OBSERVABILITY, 'grafana', 'dashboards', 'pilothouse.json');
  const { panels } = JSON.parse(readFileSync(file, 'utf8'));
  return panels.flatMap(({ title, targets = [] }: any) => targets.map(({ expr }: any) => [title, expr]));
}

/**
 * Prometheus with the configuration and the rules that are deployed; other are only the places (`targets` by job, the
 * keys) and the pace: it looks twice a second, and what a rule looks at or waits for over minutes is ten seconds here.
 */
export async function startPrometheus(
  directory: string,
  pki: string,
  targets: Readonly<Record<string, readonly string[]>>,
): Promise<RunningPrometheus> {
  const config = parse(readFileSync(join(OBSERVABILITY, 'prometheus.yaml'), 'utf8').replaceAll('/pki/pki/', `${pki}/`));
  config.global = { scrape_interval: '500ms', evaluation_interval: '500ms' };
  config.rule_files = [join(directory, 'alerts.yaml')];
  config.scrape_configs = config.scrape_configs.filter(({ job_name }: any) => targets[job_name]);
  for (const job of config.scrape_configs) job.static_configs = [{ targets: targets[job.job_name] }];
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'prometheus.yaml'), stringify(config));
  const rules = readFileSync(join(OBSERVABILITY, 'alerts.yaml'), 'utf8');
  writeFileSync(join(directory, 'alerts.yaml'), rules.replace(/\[\d+m\]/g, '[10s]').replace(/for: .*/g, 'for: 0s'));
  const listen = `127.0.0.1:${await freePort()}`;
  const flags = [
    `--config.file=${join(directory, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=${listen}`,
  ];
  const child = spawn('prometheus', flags, { stdio: 'ignore' });
  const ask = async (path: string): Promise<any> =>
    ((await (await fetch(`http://${listen}/api/v1/${path}`)).json()) as any).data;
  return {
    query: async (expression) => (await ask(`query?query=${encodeURIComponent(expression)}`)).result,
    metricNames: () => ask('label/__name__/values'),
    async firing() {
      const { alerts } = (await ask('alerts')) as { alerts: Alert[] };
      return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname']!);
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
