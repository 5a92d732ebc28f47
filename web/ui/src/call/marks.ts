/* Moments that explain what is drawn: the answer, the end, hold and resume, another codec. */
import type { Interval, Leg, Message, Stream } from '../api/calltypes';
import { at } from './axis';
import { kindOf } from './parties';

export interface Mark {
  time: number; // ms
  name: string;
}

/** Of the leg that speaks for the call. */
export function marksOfLeg(leg: Leg | null, messages: Message[]): Mark[] {
  if (!leg) return [];
  const found: Mark[] = [];
  const add = (time: string | null, name: string): void => {
    const value = at(time);
    if (value !== null) found.push({ time: value, name });
  };
  add(leg.ringing, 'ringing');
  add(leg.answered, 'answered');
  found.push(...holds(leg, messages));
  add(leg.ended, 'ended');
  return found;
}

/*
 * An offer within the call that takes a direction away is a hold, one that gives it back ends
 * it (RFC 3264 section 8.4). Messages have to be kept whole for that.
 */
function holds(leg: Leg, messages: Message[]): Mark[] {
  const answered = at(leg.answered);
  const found: Mark[] = [];
  let held = false;
  for (const message of messages) {
    const time = at(message.at) ?? 0;
    const offer =
      message.leg === leg.id &&
      message.sdp &&
      kindOf(message.summary) === 'request' &&
      !message.retransmission;
    if (!offer || !message.raw || answered === null || time <= answered) continue;
    const holding =
      /^a=(sendonly|inactive)\s*$/m.test(message.raw) || /^c=IN IP4 0\.0\.0\.0\s*$/m.test(message.raw);
    if (holding !== held) found.push({ time, name: holding ? 'hold' : 'resume' });
    held = holding;
  }
  return found;
}

/** Where a stream went on with another payload type, and where digits were in it. */
export function marksOfStream(stream: Stream, intervals: Interval[]): Mark[] {
  const found: Mark[] = [];
  let before: number | null = null;
  for (const one of intervals) {
    const time = Math.max(Date.parse(one.at), at(stream.first) ?? 0);
    if (before !== null && one.payload_type !== null && one.payload_type !== before)
      found.push({ time, name: `payload type ${one.payload_type}` });
    if (one.payload_type !== null) before = one.payload_type;
    if (one.flags.includes('telephone_event')) found.push({ time, name: 'DTMF' });
    if (one.flags.includes('restart')) found.push({ time, name: 'restart' });
  }
  return found;
}
