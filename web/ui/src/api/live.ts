/*
 * What a probe that runs tells each second, and of each call that ends, as Server-Sent Events.
 * A server over a finished database has none; /version says which it is.
 */
import { effect, signal } from '@preact/signals';
import { API, connection, epoch, get, loginNeeded, tryAgain } from './client';
import type { CallRecord } from './calltypes';
import type { Live, Version } from './probetypes';

/** Does a probe run behind this server? null until that is known. */
export const running = signal<boolean | null>(null);
/** How the probe stands, of the last second. */
export const standing = signal<Live | null>(null);
/** Frames a second between the engine's last two accounts, which are some seconds apart. */
export const frameRate = signal<number | null>(null);
/** Intervals of streams that were over between those two, by how they sounded. */
export const sound = signal<Sound | null>(null);
/** Calls that ended since the page asked last, the latest first; a few of them. */
export const ended = signal<{ count: number; latest: CallRecord | null }>({ count: 0, latest: null });

/** How many changes of alerts were told of, or made here. */
export const alertsTold = signal(0);

export type Sound = Record<'good' | 'fair' | 'poor' | 'bad', number>;
const NO_SOUND: Sound = { good: 0, fair: 0, poor: 0, bad: 0 };

const AGAIN_MS = 5000;
const SAME_ACCOUNT_MS = 2000; // its age is in whole seconds
let stream: EventSource | null = null;

let accountBefore: { at: number; frames: number; sound: Sound } | null = null; // ms

function soundOf(live: Live): Sound {
  const counters = live.account?.counters ?? {};
  const so = (name: keyof Sound): number => counters[`intervals_${name}`] ?? 0;
  return { good: so('good'), fair: so('fair'), poor: so('poor'), bad: so('bad') };
}

/* Counters of an engine begin anew with it. */
function grown(now: Sound, before: Sound): Sound {
  const result = { ...NO_SOUND };
  for (const name of Object.keys(result) as (keyof Sound)[]) result[name] = Math.max(0, now[name] - before[name]);
  return result;
}

/* A new one is there when its age is less than the time since the one before. */
function account(live: Live): void {
  const frames = live.account?.frames;
  if (frames === undefined || live.account_age_s === null) return;
  const at = Date.parse(live.at) - live.account_age_s * 1000;
  if (accountBefore && at - accountBefore.at < SAME_ACCOUNT_MS) return;
  if (accountBefore && frames >= accountBefore.frames)
    frameRate.value = ((frames - accountBefore.frames) / (at - accountBefore.at)) * 1000;
  const now = soundOf(live);
  if (accountBefore) sound.value = grown(now, frames >= accountBefore.frames ? accountBefore.sound : NO_SOUND);
  accountBefore = { at, frames, sound: now };
}

function listen(): void {
  stream?.close();
  stream = new EventSource(`${API}/events`);
  stream.addEventListener('counters', (event) => {
    const now = JSON.parse((event as MessageEvent<string>).data) as Live;
    standing.value = now;
    account(now);
  });
  stream.addEventListener('call', (event) => {
    const latest = JSON.parse((event as MessageEvent<string>).data) as CallRecord;
    ended.value = { count: ended.peek().count + 1, latest };
  });
  stream.addEventListener('alert', () => {
    alertsTold.value = alertsTold.peek() + 1;
  });
  stream.addEventListener('error', () => {
    if (!connection.peek().lost) void tryAgain(true);
    if (stream?.readyState === EventSource.CLOSED) {
      stream = null;
      window.setTimeout(begin, AGAIN_MS);
    }
  });
}

function begin(): void {
  if (stream || connection.peek().lost || loginNeeded.peek()) return;
  get<Version>(`${API}/version`).then(
    (version) => {
      running.value = version.live;
      if (version.live && !stream) listen();
    },
    () => undefined, // the views say what is wrong
  );
}

/** Listens as long as the page is there, and somebody may. */
export function keepWatching(): () => void {
  return effect(() => {
    void epoch.value; // after a loss, and after a login
    ended.value = { count: 0, latest: null };
    if (!loginNeeded.value) {
      begin();
      return;
    }
    stream?.close();
    stream = null;
    standing.value = null;
  });
}
