/* Who talks SIP: peers, phones that register, and what is out of the way; see types.ts. */
import type { Id, Known, Time } from './types';

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
