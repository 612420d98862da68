import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Health } from '@pilothouse/component';
import type { ApiRequest } from '../request.ts';
import type { FlowController } from './flow-controller.ts';
import type { PriorityLevel } from './priority-level.ts';
import type { Place } from './queue-set.ts';

type Row = readonly (string | number | boolean)[];

/** https://kubernetes.io/docs/reference/debug-cluster/flow-control/ */
export function addDebugPages(health: Health, controller: FlowController, nowMs: () => number, now: () => Date): void {
  const levels = () => [...controller.levels.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  // Places know monotonic time only.
  const timeOf = (ms: number) => new Date(now().getTime() - (nowMs() - ms)).toISOString();
  const add = (page: string, rows: (query: URLSearchParams) => readonly Row[]) =>
    health.addDebug(`api_priority_and_fairness/${page}`, (request, response) => answer(request, response, rows));
  add('dump_priority_levels', () => [LEVEL_HEADER, ...levels().map(levelRow)]);
  add('dump_queues', () => [QUEUE_HEADER, ...levels().flatMap(queueRows)]);
  add('dump_requests', (query) => {
    const detailed = (query.get('includeRequestDetails') ?? '') !== '';
    const rows = levels().flatMap((level) => requestRows(level, timeOf, detailed));
    return [detailed ? [...REQUEST_HEADER, ...DETAILS_HEADER] : REQUEST_HEADER, ...rows];
  });
}

const LEVEL_HEADER = [
  ...['PriorityLevelName', 'ActiveQueues', 'IsIdle', 'IsQuiescing', 'WaitingRequests', 'ExecutingRequests'],
  ...['DispatchedRequests', 'RejectedRequests', 'TimedoutRequests', 'CancelledRequests'],
];
const QUEUE_HEADER = [
  ...['PriorityLevelName', 'Index', 'PendingRequests', 'ExecutingRequests', 'SeatsInUse', 'NextDispatchR'],
  ...['InitialSeatsSum', 'MaxSeatsSum', 'TotalWorkSum'],
];
const REQUEST_HEADER = [
  // Upstream's spelling.
  ...['PriorityLevelName', 'FlowSchemaName', 'QueueIndex', 'RequestIndexInQueue', 'FlowDistingsher', 'ArriveTime'],
  ...['InitialSeats', 'FinalSeats', 'AdditionalLatency', 'StartTime'],
];
const DETAILS_HEADER = ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource'];

function levelRow({ name, queues, quiescing }: PriorityLevel): Row {
  const { dispatched, rejected, timedOut, cancelled } = queues.totals;
  const active = queues.queues.filter(({ waiting }) => waiting.size > 0).length;
  return [
    ...[name, active, queues.isIdle, quiescing, queues.waiting, queues.executing.size],
    ...[dispatched, rejected, timedOut, cancelled],
  ];
}

function queueRows({ name, queues }: PriorityLevel): Row[] {
  return queues.queues.map((queue) => [
    ...[name, queue.index, queue.waiting.size, queue.executing, queue.seatsInUse, seatSeconds(queue.nextDispatchR)],
    ...[queue.initialSeats, queue.waitingSeats, seatSeconds(queue.waitingWork)],
  ]);
}

/** Those under way as well, which are in no line: index -1. */
function requestRows({ name, queues }: PriorityLevel, timeOf: (ms: number) => string, detailed: boolean): Row[] {
  const row = (place: Place, index: number): Row => {
    const { flow, queue, distinguisher, width, arrivedMs, startedMs } = place;
    const started = startedMs === undefined ? '<none>' : timeOf(startedMs);
    return [
      ...[name, flow.schema, queue?.index ?? -1, index, distinguisher, timeOf(arrivedMs)],
      ...[width.initialSeats, width.finalSeats, `${width.additionalMs}ms`, started],
      ...(detailed ? details(place.subject as ApiRequest) : []),
    ];
  };
  return [
    ...queues.queues.flatMap(({ waiting }) => [...waiting].map(row)),
    ...[...queues.executing].map((place) => row(place, -1)),
  ];
}

function details({ info, user }: ApiRequest): Row {
  const version = info.apiGroup === '' ? info.apiVersion : `${info.apiGroup}/${info.apiVersion}`;
  return [user.name, info.verb, info.path, info.namespace, info.name, version, info.resource, info.subresource];
}

function seatSeconds(seatMs: number): string {
  return `${(seatMs / 1000).toFixed(8)}ss`;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  rows: (query: URLSearchParams) => readonly Row[],
): void {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(tabulate(rows(searchParams)));
}

/** Columns as wide as their widest cell, eight at least; a comma behind every cell but the last. */
function tabulate(rows: readonly Row[]): string {
  const texts = rows.map((row) => row.map((cell, i) => (i < row.length - 1 ? `${cell},` : String(cell))));
  const widths = (texts[0] ?? []).map((_, i) => Math.max(8, ...texts.map((row) => (row[i] ?? '').length + 1)));
  return texts
    .map((row) => `${row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i]!) : cell)).join('')}\n`)
    .join('');
}
