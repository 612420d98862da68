import type { RequestInfo } from '../request-info.ts';

/** How wide a request is: the seats that it takes while it is worked on, and for how long others after that. */
export interface Width {
  readonly initialSeats: number;
  /** Kept for `additionalMs` after the answer: the events of a write have to be sent to watchers. */
  readonly finalSeats: number;
  readonly additionalMs: number;
}

export const ONE_SEAT: Width = { initialSeats: 1, finalSeats: 0, additionalMs: 0 };

/** The most seats that a request of a level may take: a wide one must not wait for ever, nor keep out all others. */
export function maxSeats(nominal: number, handSize: number): number {
  return Math.max(1, Math.floor(Math.min(nominal * LARGEST_FRACTION, nominal / Math.max(1, handSize))));
}

const LARGEST_FRACTION = 0.15;
const MOST_LIST_SEATS = 100;
const MOST_WRITE_SEATS = 10;
const BYTES_PER_SEAT = 100_000;
/** A list from memory is sent piece by piece, so it never takes more at once. */
const MOST_BYTES_FROM_CACHE = 1_000_000;
const WATCHES_PER_SEAT = 10;
const EVENT_MS = 5;

export interface StoredSize {
  readonly count: number;
  readonly averageBytes: number;
}

/** Of a list, or of a watch that asks for the present state: by the bytes that it brings into memory. */
export function listWidth(info: RequestInfo, query: URLSearchParams, stored: StoredSize, most: number): Width {
  const limit = Number(query.get('limit') ?? 0);
  const limited = limit > 0 ? Math.min(limit, stored.count) : stored.count;
  const loaded = info.name === '' ? limited : 1;
  const fromCache = query.get('resourceVersionMatch') !== 'Exact' && !query.get('continue');
  const selects = info.fieldSelector !== '' || info.labelSelector !== '';
  const objects = !fromCache && selects && info.name === '' ? Math.max(limited, stored.count / 2) : loaded;
  const bytes = objects * stored.averageBytes;
  const seats = Math.ceil((fromCache ? Math.min(bytes, MOST_BYTES_FROM_CACHE) : bytes) / BYTES_PER_SEAT);
  const initialSeats = Math.max(1, Math.min(seats, most, MOST_LIST_SEATS));
  return initialSeats === 1 ? ONE_SEAT : { initialSeats, finalSeats: 0, additionalMs: 0 };
}

/** Of a write: each of its events goes to every watcher, when it is done. */
export function writeWidth(watchers: number, most: number): Width {
  if (watchers < WATCHES_PER_SEAT) return ONE_SEAT;
  const wanted = Math.ceil(watchers / WATCHES_PER_SEAT);
  const finalSeats = Math.min(wanted, most, MOST_WRITE_SEATS);
  // Fewer seats, for longer: the work stays the same.
  return { initialSeats: 1, finalSeats, additionalMs: (wanted * EVENT_MS) / finalSeats };
}
