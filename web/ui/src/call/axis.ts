/* The one time axis of a call page: what all its drawings show, in ms since 1970. */
import { computed, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import { micros } from '../base/format';
import type { LadderAnswer, WholeCall } from '../api/calltypes';

export interface Span {
  from: number;
  to: number;
}

const LEAST_MS = 2; // nobody needs to look closer

export class Axis {
  private readonly chosen = signal<Span | null>(null);
  readonly shown: ReadonlySignal<Span>;
  readonly zoomed: ReadonlySignal<boolean>;

  constructor(readonly whole: Span) {
    this.shown = computed(() => this.chosen.value ?? this.whole);
    this.zoomed = computed(() => this.chosen.value !== null);
  }

  show(span: Span): void {
    const length = Math.min(Math.max(span.to - span.from, LEAST_MS), this.whole.to - this.whole.from);
    const from = Math.min(Math.max(span.from, this.whole.from), this.whole.to - length);
    const all = from <= this.whole.from && from + length >= this.whole.to;
    this.chosen.value = all ? null : { from, to: from + length };
  }

  reset(): void {
    this.chosen.value = null;
  }

  /** factor below 1 looks closer; `at` stays where it is. */
  zoom(factor: number, at = (this.shown.value.from + this.shown.value.to) / 2): void {
    const { from, to } = this.shown.value;
    this.show({ from: at - (at - from) * factor, to: at + (to - at) * factor });
  }

  /** By a share of what is shown. */
  pan(share: number): void {
    const { from, to } = this.shown.value;
    const by = (to - from) * share;
    const clamped = by < 0 ? Math.max(by, this.whole.from - from) : Math.min(by, this.whole.to - to);
    this.show({ from: from + clamped, to: to + clamped });
  }
}

/** ms, with a fraction: messages are often within one ms. */
export function at(time: string | null | undefined): number | null {
  const value = micros(time);
  return value === null ? null : value / 1000;
}

/** From the first to the last thing known of the call, with a little room on both sides. */
export function axisOf(whole: WholeCall, ladder: LadderAnswer): Axis {
  const times: number[] = [];
  const add = (time: string | null | undefined): void => {
    const value = at(time);
    if (value !== null) times.push(value);
  };
  add(whole.call.start);
  add(whole.call.ended);
  for (const leg of whole.legs) [leg.start, leg.ringing, leg.answered, leg.ended].forEach(add);
  for (const stream of whole.streams) [stream.first, stream.last].forEach(add);
  for (const message of ladder.messages) add(message.at);
  const first = times.length ? Math.min(...times) : 0;
  const last = times.length ? Math.max(...times) : first + 1000;
  const room = Math.max(5, (last - first) * 0.015);
  return new Axis({ from: first - room, to: last + room });
}

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000,
  900000, 1800000, 3600000, 7200000, 14400000,
];

/** Round times for about so many labels, and how many decimals of a second they need. */
export function ticks(span: Span, wanted: number): { at: number[]; decimals: number } {
  const length = span.to - span.from;
  const step = STEPS.find((one) => length / one <= wanted) ?? 14400000;
  const first = Math.ceil(span.from / step) * step;
  const found: number[] = [];
  for (let t = first; t <= span.to; t += step) found.push(t);
  return { at: found, decimals: step < 1000 ? 3 : 0 };
}
