/* The columns of the list of calls: what each shows, sorts by and filters on. */
import type { JSX } from 'preact';
import { firstLeg, mainLeg, talkedSeconds, worstStream } from '../api/rows';
import type { Row } from '../api/rows';
import { equal } from '../base/filters';
import * as format from '../base/format';
import { Mos, State, doubtOf } from '../parts/mos';
import { Spark } from '../parts/spark';

export interface Column {
  name: string;
  title: string;
  width: number; // rem
  right?: boolean;
  fixed?: boolean; // gains nothing by being wider
  sort?: string; // field that the API sorts by
  shown: boolean; // unless somebody chose otherwise
  personal?: boolean; // tells who: not to be filtered on by those who may not know
  /** What the cell's value would be as a filter. */
  filter?: (row: Row) => string | null;
  cell: (row: Row) => JSX.Element | string;
}

const PENDING = '…';

function ofLeg(row: Row, read: (leg: NonNullable<ReturnType<typeof mainLeg>>) => string): string {
  if (!row.legs) return PENDING;
  const leg = mainLeg(row);
  return leg ? read(leg) : format.UNKNOWN;
}

function equalTo(field: string, value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : equal(field, value);
}

function worstOf(
  row: Row,
  read: (s: { loss_pct: number | null; jitter_mean_ms: number | null }) => number | null,
): number | null {
  let worst: number | null = null;
  for (const stream of row.streams ?? []) {
    const value = read(stream);
    if (value !== null && (worst === null || value > worst)) worst = value;
  }
  return worst;
}

function codecs(row: Row): string[] {
  return [...new Set((row.legs ?? []).flatMap((leg) => leg.codecs))];
}

function trunks(row: Row): string[] {
  const names = (row.legs ?? []).flatMap((leg) => [leg.trunk_src, leg.trunk_dst]);
  return [...new Set(names.filter((name): name is string => name !== null))];
}

function audio(row: Row): JSX.Element | string {
  if (row.call.one_way) return <span class="tag bad">one-way</span>;
  if (row.call.capture_loss) return <span class="tag">capture loss</span>;
  const leg = mainLeg(row);
  const odd = [leg?.audio_forward, leg?.audio_reverse].find((a) => a && a !== 'ok');
  return odd ? format.words(odd) : leg?.audio_forward ? 'ok' : format.UNKNOWN;
}

export const COLUMNS: Column[] = [
  {
    name: 'start',
    title: 'Start',
    width: 10,
    fixed: true,
    sort: 'start',
    shown: true,
    cell: (row) => (
      <>
        <span class="dim">{format.shortDay(row.call.start)}</span> {format.clock(row.call.start)}
      </>
    ),
  },
  {
    name: 'from',
    title: 'From',
    personal: true,
    width: 8.6,
    shown: true,
    filter: (row) => equalTo('from', firstLeg(row)?.from),
    cell: (row) => (row.legs ? (firstLeg(row)?.number_from ?? format.party(firstLeg(row)?.from)) : PENDING),
  },
  {
    name: 'to',
    title: 'To',
    personal: true,
    width: 8.6,
    shown: true,
    filter: (row) => equalTo('to', firstLeg(row)?.to),
    cell: (row) => (row.legs ? (firstLeg(row)?.number_to ?? format.party(firstLeg(row)?.to)) : PENDING),
  },
  {
    name: 'state',
    title: 'State',
    width: 7.5,
    shown: true,
    filter: (row) => equalTo('state', row.call.state),
    cell: (row) => <State state={row.call.state} status={mainLeg(row)?.status ?? null} />,
  },
  {
    name: 'duration',
    title: 'Talked',
    width: 4.5,
    right: true,
    shown: true,
    cell: (row) => ofLeg(row, (leg) => format.duration(talkedSeconds(leg))),
  },
  {
    name: 'mos',
    title: 'MOS',
    width: 6.2,
    sort: 'mos_lq_min',
    shown: true,
    filter: (row) =>
      row.call.mos_lq_min === null
        ? null
        : `mos_lq_min <= ${(Math.ceil(row.call.mos_lq_min * 100) / 100).toFixed(2)}`,
    cell: (row) => (
      <Mos
        value={row.call.mos_lq_min}
        band={row.call.mos_lq_min_band}
        doubt={doubtOf(row.call)}
      />
    ),
  },
  {
    name: 'forward',
    title: '→ caller',
    width: 6.5,
    shown: true,
    cell: (row) => <Spark stream={worstStream(row, 'forward')} pending={!row.streams} />,
  },
  {
    name: 'reverse',
    title: '← callee',
    width: 6.5,
    shown: true,
    cell: (row) => <Spark stream={worstStream(row, 'reverse')} pending={!row.streams} />,
  },
  {
    name: 'loss',
    title: 'Loss',
    width: 5.4,
    right: true,
    shown: true,
    cell: (row) => (row.streams ? format.percent(worstOf(row, (s) => s.loss_pct)) : PENDING),
  },
  {
    name: 'jitter',
    title: 'Jitter',
    width: 5.5,
    right: true,
    shown: false,
    cell: (row) => (row.streams ? format.ms(worstOf(row, (s) => s.jitter_mean_ms)) : PENDING),
  },
  {
    name: 'audio',
    title: 'Audio',
    width: 6,
    shown: true,
    filter: (row) => (row.call.one_way ? 'one_way' : row.call.capture_loss ? 'capture_loss' : null),
    cell: audio,
  },
  {
    name: 'codec',
    title: 'Codec',
    width: 5,
    shown: true,
    filter: (row) => equalTo('codecs', codecs(row)[0]),
    cell: (row) => (row.legs ? codecs(row).join(', ') || format.UNKNOWN : PENDING),
  },
  {
    name: 'trunk',
    title: 'Trunks',
    width: 8.2,
    shown: true,
    filter: (row) => equalTo('trunk', trunks(row)[0]),
    cell: (row) => (row.legs ? trunks(row).join(' → ') || format.UNKNOWN : PENDING),
  },
  {
    name: 'pdd',
    title: 'PDD',
    width: 5.6,
    right: true,
    shown: true,
    cell: (row) => ofLeg(row, (leg) => format.ms(leg.pdd_ms)),
  },
  {
    name: 'ended_by',
    title: 'Ended by',
    width: 6,
    shown: false,
    filter: (row) => equalTo('ended_by', mainLeg(row)?.ended_by),
    cell: (row) => ofLeg(row, (leg) => format.words(leg.ended_by)),
  },
  {
    name: 'reason',
    title: 'Reason',
    width: 10,
    shown: false,
    filter: (row) => equalTo('status', mainLeg(row)?.status),
    cell: (row) => ofLeg(row, (leg) => leg.cause_text ?? leg.reason ?? format.UNKNOWN),
  },
  {
    name: 'src',
    title: 'From address',
    personal: true,
    width: 10,
    shown: false,
    filter: (row) => equalTo('src', firstLeg(row)?.src),
    cell: (row) => (row.legs ? (firstLeg(row)?.src ?? format.UNKNOWN) : PENDING),
  },
  {
    name: 'dst',
    title: 'To address',
    personal: true,
    width: 10,
    shown: false,
    filter: (row) => equalTo('dst', firstLeg(row)?.dst),
    cell: (row) => (row.legs ? (firstLeg(row)?.dst ?? format.UNKNOWN) : PENDING),
  },
  {
    name: 'legs',
    title: 'Legs',
    width: 3.5,
    right: true,
    shown: false,
    cell: (row) => String(row.call.legs.length),
  },
  {
    name: 'prefix',
    title: 'Leads to',
    width: 7,
    shown: false,
    filter: (row) => equalTo('prefix_label', firstLeg(row)?.prefix_label),
    cell: (row) => (row.legs ? (firstLeg(row)?.prefix_label ?? format.UNKNOWN) : PENDING),
  },
  {
    name: 'agent',
    title: 'User agent',
    personal: true,
    width: 12,
    shown: false,
    filter: (row) => equalTo('user_agent', firstLeg(row)?.user_agent),
    cell: (row) => (row.legs ? (firstLeg(row)?.user_agent ?? format.UNKNOWN) : PENDING),
  },
  {
    name: 'call_id',
    title: 'Call-ID',
    personal: true,
    width: 14,
    shown: false,
    filter: (row) => equalTo('sip_call_id', firstLeg(row)?.sip_call_id),
    cell: (row) => (row.legs ? (firstLeg(row)?.sip_call_id ?? format.UNKNOWN) : PENDING),
  },
];
