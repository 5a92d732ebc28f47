/* The probe itself: what it has read, how it stands, and whom it tells; see types.ts. */
import type { Band, Direction } from './calltypes';
import type { Counts, Id, Known, Time } from './types';

export interface Summary {
  frames: number;
  parsed: number;
  not_ours: number;
  malformed: Counts;
  dropped: Counts;
  legs: number;
  calls: number;
  streams: number;
  registrations: number;
  sip_messages: number;
  sip: Counts;
  sip_malformed: Counts;
  truncated: number;
  duplicates: number;
  evicted: Counts;
  loss_verdict: string;
  losses: Counts;
  counters: Counts;
  capture: Record<string, unknown>;
}

export interface Probe {
  kind: 'probe';
  runs: number;
  program: string;
  written: Time;
  frames: number;
  files: string[];
  summary: Known<Summary>;
  receivers: Known<Receiver[]>;
}

/** Somebody who is told of alerts. */
export interface Receiver {
  name: string;
  transport: Known<string>;
  state: 'good' | 'idle' | 'failing' | 'no_notifier' | 'removed';
  waiting: Known<number>;
  together: Known<number>;
  dead: Known<number>;
  passing_left_out: number;
  last_taken: Known<Time>;
  last_failed: Known<Time>;
  error: Known<string>;
}

export interface Version {
  name: string;
  version: string;
  api: string;
  live: boolean; // a probe runs behind this server
}

/** How a probe that runs stands. */
export interface Live {
  kind: 'live';
  at: Time;
  store: {
    durable: number;
    waiting: boolean;
    held_bytes: number;
    spill_bytes: number;
    trouble: Known<string>;
    waiting_s: Known<number>;
  };
  receivers: Receiver[];
  account_age_s: Known<number>;
  account: Known<Partial<Summary> & { kernel?: KernelCounts[] }>;
  calls_in_progress: Known<number>;
  quality: Known<QualitySoFar>;
}

/** Streams of calls in progress, each as it was told last. */
export interface QualitySoFar {
  streams: number;
  good: number;
  fair: number;
  poor: number;
  bad: number;
  unscored: number;
  worst: {
    stream: Id;
    call: Known<Id>;
    direction: Known<Direction>;
    at: Time;
    mos_lq: number;
    band: Known<Band>;
    loss_pct: Known<number>;
    jitter_mean_ms: Known<number>;
  }[];
}

export interface KernelCounts {
  interface?: string;
  received?: number;
  dropped?: number;
  interface_dropped?: number;
}
