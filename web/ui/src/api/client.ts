/*
 * The one place that talks to the server. A request either gives its answer or throws a
 * Problem; when the server cannot be reached at all, `connection` says so until it is back,
 * and then `epoch` changes, upon which every view asks again.
 */
import { signal } from '@preact/signals';
import type { ProblemBody, Session } from './types';

export const API = '/api/v1';

export class Problem extends Error {
  constructor(
    readonly status: number, // 0: no answer came
    readonly code: string,
    detail: string,
    readonly parameter?: string,
    readonly column?: number,
  ) {
    super(detail);
  }
}

export type Parameters = Record<string, string | number | null | undefined>;

export interface Connection {
  lost: boolean;
  since: number; // ms, when it was lost
  retryAt: number; // ms, when it is tried again
}

export const connection = signal<Connection>({ lost: false, since: 0, retryAt: 0 });
/** Changes when everything shown should be asked for anew. */
export const epoch = signal(0);
/** The server wants somebody to log in. */
export const loginNeeded = signal(false);

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15000;

export function target(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return API + path + (text ? `?${text}` : '');
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    const body = (await answer.json()) as ProblemBody;
    return new Problem(answer.status, body.code, body.detail, body.parameter, body.column);
  } catch {
    return new Problem(answer.status, 'no-reason', `the server answered ${answer.status}`);
  }
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    lose();
    throw new Problem(0, 'unreachable', 'the server does not answer');
  }
  if (answer.ok) return answer;
  if (answer.status === 401) loginNeeded.value = true;
  throw await problemOf(answer);
}

export async function get<T>(url: string, abort?: AbortSignal): Promise<T> {
  const answer = await ask(url, {
    headers: { Accept: 'application/json' },
    ...(abort ? { signal: abort } : {}),
  });
  return (await answer.json()) as T;
}

/* --- who we are ------------------------------------------------------------------------- */

/** Who the server takes us for; null until it said so. */
export const session = signal<Session | null>(null);

export async function learnSession(): Promise<void> {
  session.value = await get<Session>(`${API}/session`);
}

/** Asks the server to change something. The token shows that no other page is behind it. */
export async function change<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T | null> {
  const token = session.value?.csrf;
  const answer = await ask(API + path, {
    method,
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      ...(token ? { 'X-Earshot-Token': token } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.status === 204 ? null : ((await answer.json()) as T);
}

export async function logIn(user: string, password: string): Promise<void> {
  session.value = await change<Session>('POST', '/session', { user, password });
  loginNeeded.value = false;
  epoch.value++;
}

export async function logOut(): Promise<void> {
  await change('DELETE', '/session');
  session.value = null;
  loginNeeded.value = true;
}

/* --- lost and found ------------------------------------------------------------------- */

let delay = FIRST_RETRY_MS;
let timer = 0;

function lose(): void {
  if (connection.value.lost) return;
  const now = Date.now();
  delay = FIRST_RETRY_MS;
  connection.value = { lost: true, since: now, retryAt: now + delay };
  timer = window.setTimeout(() => void tryAgain(), delay);
}

/**
 * Asks whether the server is there: by itself with growing pauses once it is lost, when a
 * person says so, or when something else made one doubt.
 */
export async function tryAgain(doubt = false): Promise<void> {
  window.clearTimeout(timer);
  try {
    const answer = await fetch(`${API}/health`, { cache: 'no-store' });
    if (!answer.ok) throw new Error(String(answer.status));
    if (doubt && !connection.value.lost) return;
    connection.value = { lost: false, since: 0, retryAt: 0 };
    epoch.value++;
  } catch {
    if (!connection.value.lost) {
      lose();
      return;
    }
    delay = Math.min(delay * 2, LAST_RETRY_MS);
    connection.value = { ...connection.value, retryAt: Date.now() + delay };
    timer = window.setTimeout(() => void tryAgain(), delay);
  }
}
