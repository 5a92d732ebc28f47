/*
 * What all answers of the API are made of, and the people who may ask. The records have files of
 * their own: calltypes.ts, peertypes.ts, alerttypes.ts, probetypes.ts, kpitypes.ts; what each
 * field means is in openapi.yaml. Only fields that are shown stand here. null is "not known",
 * never 0.
 */

export type Known<T> = T | null;
export type Time = string; // RFC 3339, UTC
export type Id = string; // 16 hexadecimal digits
export type Counts = Record<string, number>;

export interface Page<T> {
  items: T[];
  truncated: boolean;
  next: string | null;
  reached?: string | null; // lists: how far was looked, where that is not all
  total?: number | null; // with skip=0: how many there are
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
