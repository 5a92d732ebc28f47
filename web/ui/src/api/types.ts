/*
 * The records and answers of the API that the pages use; what each field means is in
 * openapi.yaml. Only fields that are shown stand here. null is "not known", never 0.
 */

export type Known<T> = T | null;
export type Time = string; // RFC 3339, UTC
export type Id = string; // 16 hexadecimal digits
export type Band = 'nb' | 'wb' | 'fb';
export type Direction = 'forward' | 'reverse';

export interface Page<T> {
  items: T[];
  truncated: boolean;
  next: string | null;
  reached?: string | null; // lists: how far was looked, where that is not all
  total?: number | null; // with skip=0: how many there are
}

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

export interface Observation {
  kind: 'observation';
  id: Id;
  type: string;
  first: Known<Time>;
  last: Known<Time>;
  detected: Known<Time>;
  src: Known<string>;
  dst: Known<string>;
  sources: number;
  targets: number;
  subject: Known<string>;
  events: number;
  peak_per_min: Known<number>;
  examples: Id[];
  software: Known<string>;
  over: boolean;
}

export interface LadderAnswer {
  messages: Message[];
  streams: Stream[];
  truncated: boolean;
}

export interface Binding {
  kind: 'binding';
  id: Id;
  aor: Known<string>;
  contact: Known<string>;
  state: Known<string>;
  src: Known<string>;
  registrar: Known<string>;
  first: Known<Time>;
  last: Known<Time>;
  expires: Known<Time>;
  registrations: number;
  refreshes: number;
  failures: number;
  auth_failures: number;
  last_failure: Known<number>;
  source_changes: number;
  rrd_mean_ms: Known<number>;
  transport: Known<string>;
  nat: boolean;
  user_agent: Known<string>;
}

export interface Registration {
  kind: 'registration';
  id: Id;
  aor: Known<string>;
  contact: Known<string>;
  src: Known<string>;
  registrar: Known<string>;
  at: Known<Time>;
  status: Known<number>;
  expires_s: Known<number>;
  authenticated: boolean;
  auth_rounds: number;
  purpose: Known<string>;
  rrd_ms: Known<number>;
  transport: Known<string>;
  user_agent: Known<string>;
}

export interface Peer {
  kind: 'peer';
  id: Id;
  peer: Known<string>;
  trunk: Known<string>;
  state: Known<string>;
  since: Known<Time>;
  last_answer: Known<Time>;
  transport: Known<string>;
  options: number;
  options_answered: number;
  options_unanswered: number;
  rtt_mean_ms: Known<number>;
  rtt_max_ms: Known<number>;
  invites: number;
  invites_accepted: number;
  invites_unanswered: number;
  server_errors: number;
  unavailable: number;
  outages: number;
  outage_s: Known<number>;
  software: Known<string>;
}

export interface PeerEvent {
  kind: 'event';
  id: Id;
  type: Known<string>;
  began: Known<Time>;
  detected: Known<Time>;
  ended: Known<Time>;
  duration_s: Known<number>;
  peer: Known<string>;
  backup: Known<string>;
  trunk: Known<string>;
  backup_trunk: Known<string>;
  cause: Known<string>;
  status: Known<number>;
  failed: Known<number>;
  calls_backup: Known<number>;
  calls_lost: Known<number>;
  calls_carried: Known<number>;
  calls_survived: Known<number>;
  calls_silent: Known<number>;
  calls_dropped: Known<number>;
  pdd_before_ms: Known<number>;
  pdd_after_ms: Known<number>;
}

export interface Alert {
  kind: 'alert';
  id: Id;
  at: Known<Time>;
  rule: Known<string>;
  state: Known<string>;
  severity: Known<string>;
  subject: Known<string>;
  since: Known<Time>;
  raised: Known<Time>;
  cleared: Known<Time>;
  site: Known<string>;
  trunk: Known<string>;
  metric: Known<string>;
  condition: Known<string>;
  value: Known<number>;
  worst: Known<number>;
  threshold: Known<number>;
  expected: Known<number>;
  samples: number;
  window_s: Known<number>;
  examples: Id[];
  finding_sentence: Known<string>;
  query: Known<string>;
  unseen: Known<string>;
  unverified: boolean;
  muted: boolean;
  muted_by: Known<string>;
  summary: Known<string>;
  acknowledged: Known<{ by: string; at: Time }>;
}

/** What somebody said of an alert. */
export interface AlertNote {
  kind: 'alert_note';
  id: number;
  alert: Id;
  at: Time;
  who: string;
  action: 'acknowledged' | 'reopened' | 'commented';
  text: Known<string>;
}

export interface WholeAlert {
  alert: Alert;
  states: Alert[];
  notes: AlertNote[];
}

export interface Rule {
  kind: 'rule';
  name: string;
  metric: Known<string>;
  unit: Known<string>;
  title: Known<string>;
  scope: Known<string>;
  match: Known<string>;
  condition: Known<string>;
  threshold: Known<number>;
  clear: Known<number>;
  least_pct: Known<number>;
  certainty: Known<number>;
  min_samples: number | string;
  window_s: Known<number>;
  raise_after_s: Known<number>;
  clear_after_s: Known<number>;
  severity: Known<string>;
  schedule: Known<string>;
  group: Known<string>;
  muted_by: string[];
  enabled: boolean;
  doc: Known<string>;
  origin: 'shipped' | 'file' | 'api';
  in_use: boolean;
  author: Known<string>;
  changed: Known<Time>;
  /** Of a rule that compares with past weeks. */
  learning: Known<{ subjects: number; weeks: number; missing_weeks: number; known_pct: number }>;
}

export interface Silence {
  kind: 'silence';
  id: number;
  state: 'coming' | 'active' | 'over';
  rule: Known<string>; // null: any
  match: Known<string>; // name of a trunk or site; null: any
  begins: Time;
  ends: Time;
  created: Time;
  author: string;
  comment: string;
  ended_by: Known<string>;
}

export type Counts = Record<string, number>;

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

export interface Session {
  user: string;
  way: 'local' | 'session' | 'token';
  role: 'viewer' | 'operator' | 'admin';
  pii: boolean;
  csrf: Known<string>;
}

export type Role = Session['role'];

/** A user, or a token. */
export interface Account {
  name: string;
  role: Role;
  pii: boolean; // sees people
  disabled?: boolean; // of a user
  created: Time;
  secret?: Known<string>; // where it was drawn just now
}

export interface AuditRow {
  kind: 'audit';
  id: Id;
  at: Time;
  who: string;
  way: string;
  address: Known<string>;
  action: string;
  subject: Known<string>;
}

export interface ProblemBody {
  title: string;
  status: number;
  detail: string;
  code: string;
  parameter?: string;
  column?: number;
}
