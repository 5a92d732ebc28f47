/* Alerts, the rules that raise them, and silences; see types.ts. */
import type { Id, Known, Time } from './types';

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
