/* Calls, and what belongs to one: legs, messages, streams, findings; see types.ts. */
import type { PeerEvent } from './peertypes';
import type { Id, Known, Time } from './types';

export type Band = 'nb' | 'wb' | 'fb';
export type Direction = 'forward' | 'reverse';

export interface CallRecord {
  kind: 'call';
  id: Id;
  legs: Id[];
  start: Known<Time>;
  ended: Known<Time>;
  state: Known<string>;
  mos_lq_min: Known<number>;
  mos_lq_min_band: Known<Band>;
  mos_lq_min_stream: Known<Id>;
  capture_loss: boolean;
  one_way: boolean;
  aliases: Id[];
  strategies: string[];
  branches: number;
  answered_leg: Known<Id>;
  family: Known<Id>;
  relation: Known<string>;
}

export interface Leg {
  kind: 'leg';
  points?: Known<string>; // where its signalling was seen, with a comma between them
  id: Id;
  call: Known<Id>;
  sip_call_id: Known<string>;
  from: Known<string>;
  to: Known<string>;
  number_from: Known<string>;
  number_to: Known<string>;
  prefix_label: Known<string>;
  src: Known<string>;
  dst: Known<string>;
  start: Known<Time>;
  ringing: Known<Time>;
  answered: Known<Time>;
  ended: Known<Time>;
  status: Known<number>;
  reason: Known<string>;
  state: Known<string>;
  pdd_ms: Known<number>;
  setup_ms: Known<number>;
  duration_s: Known<number>;
  ended_by: Known<string>;
  ended_how: Known<string>;
  q850: Known<number>;
  cause_text: Known<string>;
  transport: Known<string>;
  codecs: string[];
  messages: number;
  retransmissions: number;
  flags: string[];
  user_agent: Known<string>;
  server: Known<string>;
  one_way: boolean;
  audio_forward: Known<string>;
  audio_reverse: Known<string>;
  trunk_src: Known<string>;
  trunk_dst: Known<string>;
  holds: number;
  hold_s: Known<number>;
  held_by: Known<string>;
  codec_changes: number;
  dtmf_seen: string[];
  joined_by: Known<string>;
  joined_header: Known<string>;
  joined_offset_ms: Known<number>;
  parent_leg: Known<Id>;
  branch: Known<string>;
  changes: string[];
  emergency: boolean;
  keys_accepted: string[];
  stir_attest: Known<string>;
}

export interface JitterBuffer {
  name: string;
  discarded: Known<number>;
  ppl: Known<number>;
  burstr: Known<number>;
  r: Known<number>;
  mos_lq: Known<number>;
  bursts: Known<number>;
  burst_density: Known<number>;
  burst_ms: Known<number>;
  gap_ms: Known<number>;
  depth_ms: Known<number>;
}

export interface Stream {
  kind: 'stream';
  id: Id;
  leg: Known<Id>;
  call: Known<Id>;
  direction: Known<Direction>;
  src: Known<string>;
  dst: Known<string>;
  ssrc: string;
  codec: Known<string>;
  packets: number;
  expected: number;
  received: number;
  lost: number;
  duplicates: number;
  reordered: number;
  outage_lost: number;
  loss_pct: Known<number>;
  jitter_mean_ms: Known<number>;
  jitter_max_ms: Known<number>;
  delta_max_ms: Known<number>;
  ptime_ms: Known<number>;
  pdv_p50_ms: Known<number>;
  pdv_p95_ms: Known<number>;
  pdv_p99_ms: Known<number>;
  pdv: number[];
  first: Known<Time>;
  last: Known<Time>;
  media_coverage_pct: Known<number>;
  dscp: Known<number>;
  encrypted: boolean;
  flags: string[];
  band: Known<Band>;
  basis: Known<string>;
  ie: Known<number>;
  bpl: Known<number>;
  ppl: Known<number>;
  burstr: Known<number>;
  r: Known<number>;
  mos_lq: Known<number>;
  mos_buffer: Known<string>;
  mos_cq: Known<number>;
  mos_lq_unsuspected: Known<number>;
  buffers: JitterBuffer[];
  loss_verdict: Known<string>;
  suspect_lost: Known<number>;
  upstream: Known<Id>;
  point?: Known<string>; // where in the network it was seen, if that was said
  segment_basis: Known<string>;
  segment_lost_before: Known<number>;
  segment_lost_between: Known<number>;
  segment_delay_ms: Known<number>;
  segment_jitter_ms: Known<number>;
  rtcp_receiver_reports: number;
  rtcp_sender_reports: number;
  far_expected: Known<number>;
  far_lost: Known<number>;
  far_loss_pct: Known<number>;
  far_jitter_mean_ms: Known<number>;
  lost_at_report: Known<number>;
  lost_after: Known<number>;
  unconfirmed_lost: Known<number>;
  rtt_ms: Known<number>;
  rtt_partial: boolean;
  loss_runs: Known<number>;
  loss_longest: Known<number>;
  trunk_src: Known<string>;
  trunk_dst: Known<string>;
  interval_min: Known<{ at: Known<Time>; mos_lq: Known<number> }>;
}

export interface IntervalScore {
  name?: string;
  discarded?: number;
  bursts: number;
  burst_packets: number;
  burst_bad: number;
  r: Known<number>;
  mos_lq: Known<number>;
}

export interface Interval {
  kind: 'interval';
  stream: Id;
  at: Time;
  expected: number;
  lost: number;
  loss_pct: Known<number>;
  suspect_lost: number;
  reordered: number;
  jitter_mean_ms: Known<number>;
  jitter_max_ms: Known<number>;
  delta_max_ms: Known<number>;
  pdv_p50_ms: Known<number>;
  pdv_p95_ms: Known<number>;
  pdv_p99_ms: Known<number>;
  payload_type: Known<number>;
  flags: string[];
  network: IntervalScore;
  buffers: IntervalScore[];
}

export interface Report {
  kind: 'report';
  id: Id;
  stream: Known<Id>;
  leg: Known<Id>;
  at: Known<Time>;
  source: Known<string>;
  side: Known<string>;
  src: Known<string>;
  loss_pct: Known<number>;
  discard_pct: Known<number>;
  rtt_ms: Known<number>;
  end_system_ms: Known<number>;
  jitter_ms: Known<number>;
  mos_lq: Known<number>;
  mos_cq: Known<number>;
  r_cq: Known<number>;
  alert_type: Known<string>;
}

export interface Finding {
  kind: 'finding';
  id: Id;
  call: Known<Id>;
  leg: Known<Id>;
  stream: Known<Id>;
  rank: number;
  code: string;
  confidence: Known<number>;
  points_to: Known<string>;
  peer: Known<string>;
  sentence: Known<string>;
  evidence: Known<string>;
  at: Known<Time>;
  first: Known<Time>;
  last: Known<Time>;
}

export interface Message {
  kind: 'message';
  id: Id;
  leg: Known<Id>;
  at: Time;
  frame: Known<number>;
  src: string;
  dst: string;
  transport: Known<string>;
  summary: string;
  cseq: Known<string>;
  retransmission: boolean;
  sdp: boolean;
  length: number;
  raw: string;
}

export interface WholeCall {
  call: CallRecord;
  legs: Leg[];
  streams: Stream[];
  reports: Report[];
  events: PeerEvent[];
  findings: Finding[];
  truncated: boolean;
}

export interface Input {
  name: string;
  value: Known<number>;
  unit: Known<string>;
  trust: Known<string>;
  source: string;
}

export interface LossShare {
  name: string;
  packets: number;
  pct: Known<number>;
  charged: boolean;
  source: string;
}

/** Of a call (`streams`, `not_seen`), or of one stream (`inputs`, `terms`, `losses`). */
export interface Explanation {
  kind: string;
  why: string;
  id?: Id;
  stream?: Id;
  model?: string;
  basis?: string;
  inputs?: Input[];
  terms?: Record<string, number | null>;
  r?: Known<number>;
  mos_lq?: Known<number>;
  mos_lq_lossless?: Known<number>;
  losses?: LossShare[];
  not_seen?: { name?: string; sentence?: string }[] | string[];
  agrees?: Known<boolean>;
}

export interface LadderAnswer {
  messages: Message[];
  streams: Stream[];
  truncated: boolean;
}
