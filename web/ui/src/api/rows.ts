/*
 * The list of calls as rows: each call with its legs and streams, a page at a time. Where the
 * server counts them all at once (no filter, an order that it has), any page is had at any
 * time, so that one may go to the end of a million; else page by page, as far as somebody
 * scrolls. Pages far away are forgotten and asked for again.
 */
import { signal } from '@preact/signals';
import { get, target } from './client';
import { asProblem } from './query';
import type { Problem, Parameters } from './client';
import { micros } from '../base/format';
import type { CallRecord, Leg, Stream } from './calltypes';
import type { Id, Page } from './types';

export interface Row {
  call: CallRecord;
  legs: Leg[] | null; // null: not here yet
  streams: Stream[] | null;
}

export const PAGE_ROWS = 100;
const TRIES = 4;
const BUSY_MS = 1000;
const PAGES_KEPT = 40;

interface Part {
  cursor: string | null;
  rows: Row[] | null;
  count: number;
  loading: boolean;
  tries?: number; // that failed since the last one that did not
  used: number; // to forget what was seen longest ago
  skipped?: boolean; // how many rows it has is known before they are
}

/* The other way round than micros(). */
function stamp(us: number): string {
  const whole = new Date(Math.floor(us / 1000)).toISOString().slice(0, -1);
  return `${whole}${String(us % 1000).padStart(3, '0')}Z`;
}

async function everyPage<T>(path: string, filter: string, abort: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await get<Page<T>>(target(path, { filter, limit: 1000, cursor }), abort);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && all.length < 5000);
  return all;
}

function byCall<T extends { call: Id | null }>(items: T[]): Map<Id, T[]> {
  const found = new Map<Id, T[]>();
  for (const item of items) {
    if (item.call === null) continue;
    const list = found.get(item.call);
    if (list) list.push(item);
    else found.set(item.call, [item]);
  }
  return found;
}

const byStart = (a: Leg, b: Leg): number => (a.start ?? '').localeCompare(b.start ?? '');

export class CallRows {
  /** Changes whenever there is more to draw. */
  readonly version = signal(0);
  readonly problem = signal<Problem | null>(null);
  /** How far the server has looked, where no index answers and it does not look at all rows. */
  readonly reached = signal<string | null>(null);
  private parts: Part[] = [{ cursor: null, rows: null, count: 0, loading: false, used: 0 }];
  /** The row that each part begins with, and behind them the number of rows: pages may be short. */
  private starts: number[] = [0, 0];
  private abort = new AbortController();
  private clock = 0;
  /** Pages are asked for by the rows in front of them. */
  private counted: boolean;
  private to: string | null; // what comes meanwhile moves no row
  private following = false;
  /** Of calls that go on, the newest first: new ones come in at the top. */
  readonly ofNow: boolean;

  constructor(private readonly question: Parameters) {
    const { filter, sort, from, to } = question;
    const byTime = !sort || sort === 'start' || sort === '-start';
    const byMos = (sort === 'mos_lq_min' || sort === '-mos_lq_min') && !from && !to;
    this.counted = !filter && (byTime || byMos);
    this.ofNow = String(filter ?? '').includes('in_progress') && (!sort || sort === '-start') && !to;
    this.to = to ? String(to) : null;
  }

  /** Rows that are known to exist. */
  get count(): number {
    return this.starts[this.parts.length] ?? 0;
  }

  /** There may be rows behind those counted. */
  get more(): boolean {
    const last = this.parts[this.parts.length - 1];
    return last !== undefined && last.rows === null && last.count === 0 && !last.skipped;
  }

  get loading(): boolean {
    return this.parts.some((part) => part.loading);
  }

  row(index: number): Row | null {
    const at = this.partOf(index);
    return this.parts[at]?.rows?.[index - (this.starts[at] ?? 0)] ?? null;
  }

  /** The last part that begins at that row or before it. */
  private partOf(index: number): number {
    let low = 0;
    let high = this.parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** All rows in memory, for small charts of what was loaded. */
  loaded(): Row[] {
    return this.parts.flatMap((part) => part.rows ?? []);
  }

  /** Sees to it that rows from first to last are there, or on their way. */
  want(first: number, last: number): void {
    const end = this.partOf(last);
    for (let i = this.partOf(first); i <= end; i++) {
      const part = this.parts[i];
      if (!part) continue;
      part.used = ++this.clock;
      if (!part.rows && !part.loading && !this.problem.value) void this.load(part, i);
    }
  }

  /** Calls that go on are shown as they are now, each in its row, those that ended meanwhile, too. */
  async follow(first: number, last: number): Promise<void> {
    const parts = this.parts.slice(this.partOf(first), this.partOf(last) + 1);
    const ids = parts.flatMap((part) =>
      (part.rows ?? []).filter((row) => row.call.state === 'in_progress').map((row) => row.call.id),
    );
    if (ids.length === 0 || this.following) return;
    await this.once(async () => {
      const calls = await everyPage<CallRecord>('/calls', `id in (${ids.join(', ')})`, this.abort.signal);
      const now = new Map((await this.withDetail(calls)).map((row) => [row.call.id, row]));
      for (const part of parts) part.rows = part.rows?.map((row) => now.get(row.call.id) ?? row) ?? null;
    });
  }

  /** The first page as it is now, and what is behind it is asked for anew. */
  async renew(): Promise<void> {
    if (this.following || this.counted || this.loading) return;
    await this.once(async () => {
      const url = target('/calls', { ...this.question, limit: PAGE_ROWS });
      const page = await get<Page<CallRecord>>(url, this.abort.signal);
      const rows = await this.withDetail(page.items);
      const part = { loading: false, used: ++this.clock };
      this.parts = [{ ...part, cursor: null, rows, count: rows.length }];
      if (page.next) this.parts.push({ ...part, cursor: page.next, rows: null, count: 0 });
      this.starts = [0, rows.length, rows.length];
      this.reached.value = page.reached ?? null;
    });
  }

  /** What fails is tried again with the next news; the page says when the server is gone. */
  private async once(work: () => Promise<void>): Promise<void> {
    this.following = true;
    try {
      await work();
      this.version.value++;
    } catch {
      /* as it was */
    } finally {
      this.following = false;
    }
  }

  retry(): void {
    for (const part of this.parts) part.tries = 0;
    this.problem.value = null;
    this.version.value++;
  }

  stop(): void {
    this.abort.abort();
  }

  private async load(part: Part, index: number): Promise<void> {
    part.loading = true;
    this.version.value++;
    try {
      const place = this.counted ? { skip: String(index * PAGE_ROWS), to: this.to } : { cursor: part.cursor };
      const url = target('/calls', { ...this.question, limit: PAGE_ROWS, ...place });
      const page = await get<Page<CallRecord>>(url, this.abort.signal);
      if (this.counted && index === 0) this.countAll(page);
      part.rows = page.items.map((call) => ({ call, legs: null, streams: null }));
      part.count = page.items.length;
      this.reached.value = page.reached ?? null;
      if (!this.counted && page.next && index === this.parts.length - 1)
        this.parts.push({ cursor: page.next, rows: null, count: 0, loading: false, used: ++this.clock });
      for (let i = index; i < this.parts.length; i++)
        this.starts[i + 1] = (this.starts[i] ?? 0) + (this.parts[i]?.count ?? 0);
      this.forget();
      this.version.value++;
      await this.addDetail(part);
      part.tries = 0;
    } catch (error) {
      await this.failed(part, asProblem(error));
    }
    part.loading = false;
    this.version.value++;
  }

  /** A server that is busy is asked again in a moment, before anybody is told. */
  private async failed(part: Part, problem: Problem): Promise<void> {
    if (this.abort.signal.aborted) return;
    part.rows = null;
    part.tries = (part.tries ?? 0) + 1;
    if (problem.status === 503 && part.tries < TRIES)
      await new Promise((resolve) => window.setTimeout(resolve, BUSY_MS * (part.tries ?? 1)));
    else this.problem.value = problem;
  }

  /** All pages are there from now on, empty until they are seen. */
  private countAll(page: Page<CallRecord>): void {
    if (typeof page.total !== 'number') {
      this.counted = false;
      return;
    }
    const newest = micros(page.items[0]?.start);
    const down = !this.question['sort'] || this.question['sort'] === '-start';
    if (down && !this.to && newest !== null) this.to = stamp(newest + 1);
    while (this.parts.length * PAGE_ROWS < page.total) {
      const count = Math.min(PAGE_ROWS, page.total - this.parts.length * PAGE_ROWS);
      this.parts.push({ cursor: null, rows: null, count, loading: false, used: 0, skipped: true });
    }
  }

  private async addDetail(part: Part): Promise<void> {
    const rows = await this.withDetail((part.rows ?? []).map((row) => row.call));
    if (part.rows) part.rows = rows;
  }

  private async withDetail(calls: CallRecord[]): Promise<Row[]> {
    const ids = calls.map((call) => call.id);
    if (ids.length === 0) return [];
    const filter = `call in (${ids.join(', ')})`;
    const [legs, streams] = await Promise.all([
      everyPage<Leg>('/legs', filter, this.abort.signal).then(byCall),
      everyPage<Stream>('/streams', filter, this.abort.signal).then(byCall),
    ]);
    return calls.map((call) => ({
      call,
      legs: (legs.get(call.id) ?? []).sort(byStart),
      streams: streams.get(call.id) ?? [],
    }));
  }

  private forget(): void {
    const held = this.parts.filter((part) => part.rows).sort((a, b) => b.used - a.used);
    for (const part of held.slice(PAGES_KEPT)) part.rows = null;
  }
}

/* --- what a row shows of several legs and streams --------------------------------------- */

/** The leg that speaks for the call: the answered one, else the first. */
export function mainLeg(row: Row): Leg | null {
  if (!row.legs) return null;
  return row.legs.find((leg) => leg.id === row.call.answered_leg) ?? row.legs[0] ?? null;
}

/** Seconds from the answer to the end, or till now; the probe's clock may differ a little. */
export function talkedSeconds(leg: Leg): number | null {
  if (leg.state !== 'in_progress' || !leg.answered) return leg.duration_s;
  return Math.max(0, (Date.now() - Date.parse(leg.answered)) / 1000);
}

/** The caller's side of it: what the first leg says. */
export function firstLeg(row: Row): Leg | null {
  return row.legs?.[0] ?? null;
}

/** Of a direction, the stream that sounded worst. */
export function worstStream(row: Row, direction: 'forward' | 'reverse'): Stream | null {
  let worst: Stream | null = null;
  for (const stream of row.streams ?? []) {
    if (stream.direction !== direction) continue;
    if (!worst || (stream.mos_lq ?? 9) < (worst.mos_lq ?? 9)) worst = stream;
  }
  return worst;
}
