/* Rows of /kpis; see types.ts. */
import type { Counts, Known, Time } from './types';

/** A row of /kpis: figures of docs/kpis.md for one group and one span of time. */
export interface Kpis {
  kind: 'kpis';
  view: string;
  from: Time;
  to: Time;
  seconds: number;
  trunk?: Known<string>;
  site?: Known<string>;
  peer?: Known<string>;
  direction?: Known<string>;
  prefix?: Known<string>;
  codec?: Known<string>;
  code?: Known<number>;
  hour_of_week?: number;
  seen: number;
  seizures: number;
  answered: number;
  pending: number;
  asr: Known<number>;
  ner: Known<number>;
  ser: Known<number>;
  seer: Known<number>;
  pdd_ms: Known<number>;
  pdd_p50_ms: Known<number>;
  pdd_p95_ms: Known<number>;
  srd_ms: Known<number>;
  srd_p95_ms: Known<number>;
  setup_p50_ms: Known<number>;
  setup_p95_ms: Known<number>;
  acd_s: Known<number>;
  short_calls: number;
  short_pct: Known<number>;
  capacity_rejects: number;
  one_way_pct: Known<number>;
  retransmitted_pct: Known<number>;
  cps: Known<number>;
  cps_peak: Known<number>;
  concurrent_peak: Known<number>;
  erlang: Known<number>;
  busy_hour: Known<Time>;
  busy_hour_erlang: Known<number>;
  channels: Known<number>;
  channels_configured: Known<number>;
  channels_used_pct: Known<number>;
  registrations: number;
  ira: Known<number>;
  rrd_ms: Known<number>;
  streams: number;
  loss_pct: Known<number>;
  loss_p95_pct: Known<number>;
  jitter_p50_ms: Known<number>;
  jitter_p95_ms: Known<number>;
  mos_nb_p5: Known<number>;
  mos_nb_p50: Known<number>;
  mos_wb_p5: Known<number>;
  mos_wb_p50: Known<number>;
  mos_fb_p5: Known<number>;
  mos_fb_p50: Known<number>;
  counts: Counts;
}

export interface KpiAnswer {
  view: string;
  time_zone: string;
  from: Known<Time>;
  to: Known<Time>;
  reached: Known<Time>; // what is before was not looked at
  items: Kpis[];
  truncated: boolean;
}
