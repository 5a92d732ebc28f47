/*
 * Rows as far as one scrolls: only what is seen is in the page, however many there are. Cards
 * on a narrow screen, a table else.
 */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CallRows, Row } from '../api/rows';
import { firstLeg, mainLeg } from '../api/rows';
import { session } from '../api/client';
import { ended, standing } from '../api/live';
import * as format from '../base/format';
import { onKeys } from '../base/keys';
import { go, link, parameter, question, set } from '../base/route';
import { narrow } from '../base/screen';
import { useScroll } from '../parts/scroll';
import { Icon } from '../parts/icons';
import { Mos, State, doubtOf } from '../parts/mos';
import { Empty, Failed } from '../parts/states';
import type { Column } from './columns';

const ROW_PX = 34;
const CARD_PX = 68;
const REST_MS = 60;
const FOLLOW_MS = 2000; // the probe tells of each second
const ROW_MOST = 1e9; // in the URL
const SPARE = 12; // rows drawn above and below what is seen

interface Props {
  rows: CallRows;
  columns: Column[];
  sort: string;
  add: (filter: string) => void;
}

function SortButton({ column, sort }: { column: Column; sort: string }): JSX.Element | string {
  if (!column.sort) return column.title;
  const now = sort || '-start';
  const down = now === `-${column.sort}`;
  const up = now === column.sort;
  const next = down ? column.sort : `-${column.sort}`;
  return (
    <button type="button" class="plain" onClick={() => set({ sort: next === '-start' ? null : next })}>
      {column.title} <span aria-hidden="true">{down ? '▾' : up ? '▴' : '▿'}</span>
    </button>
  );
}

function sorted(column: Column, sort: string): 'ascending' | 'descending' | undefined {
  const now = sort || '-start';
  if (column.sort === now) return 'ascending';
  return `-${column.sort}` === now ? 'descending' : undefined;
}

function Cell({
  column,
  row,
  add,
}: {
  column: Column;
  row: Row;
  add: (filter: string) => void;
}): JSX.Element {
  const masked = column.personal && session.value?.pii === false;
  const filter = masked
    ? null
    : row.legs || column.name === 'mos' || column.name === 'state'
      ? (column.filter?.(row) ?? null)
      : null;
  const shown = column.cell(row);
  return (
    <div
      role="cell"
      class={`cell${column.right ? ' right' : ''}`}
      title={typeof shown === 'string' ? shown : undefined}
    >
      {column.name === 'start' ? (
        <a href={link('call', row.call.id)} tabIndex={-1}>
          {shown}
        </a>
      ) : (
        shown
      )}
      {filter && (
        <button
          type="button"
          class="plain funnel"
          tabIndex={-1}
          aria-label={`Only ${filter}`}
          title={`Only ${filter}\nwith Shift: all but these`}
          onClick={(event) => {
            event.stopPropagation();
            add(event.shiftKey ? `not ${filter}` : filter);
          }}
        >
          <Icon name="funnel" />
        </button>
      )}
    </div>
  );
}

function Card({ row }: { row: Row }): JSX.Element {
  const first = firstLeg(row);
  return (
    <div class="card-cell" role="cell">
      <div class="cardline">
        <a href={link('call', row.call.id)}>
          {row.legs ? (first?.number_from ?? format.user(first?.from)) : '…'} →{' '}
          {row.legs ? (first?.number_to ?? format.user(first?.to)) : '…'}
        </a>
        <Mos
          value={row.call.mos_lq_min}
          band={row.call.mos_lq_min_band}
          doubt={doubtOf(row.call)}
          soFar={row.call.state === 'in_progress'}
        />
      </div>
      <div class="cardline dim">
        <span>
          {format.day(row.call.start)} {format.clock(row.call.start)}
        </span>
        <State state={row.call.state} status={mainLeg(row)?.status ?? null} />
        <span>{row.call.one_way ? 'one-way' : format.duration(mainLeg(row)?.duration_s)}</span>
      </div>
    </div>
  );
}

export function CallTable({ rows, columns, sort, add }: Props): JSX.Element {
  void rows.version.value;
  const body = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(-1);
  const at = useRef(-1); // the same, before it is drawn: keys may be faster
  const choose = (row: number): void => {
    at.current = row;
    setChosen(row);
  };
  const cards = narrow.value;
  const count = rows.count; // that is drawn: there may be more when effects come
  const height = cards ? CARD_PX : ROW_PX;
  const wanted = useRef(0); // the row to begin with, once there are so many
  const listed = useRef(''); // what rests late is no place in the list that has come since
  const { first, last, shift, whole, show, turn } = useScroll(body, height, count, (row) => {
    if (!wanted.current && listed.current === question()) set({ row: row ? String(row + 1) : null }, true);
  });
  const from = Math.max(0, first - SPARE);
  const to = last + SPARE;
  const problem = rows.problem.value;
  /* What only rushes by is not asked for. */
  useEffect(() => {
    const timer = window.setTimeout(() => rows.want(from, to), rows.row(first) ? 0 : REST_MS);
    return () => window.clearTimeout(timer);
  }, [rows, from, to, rows.version.value]);
  useEffect(() => {
    choose(-1);
    show(0, true);
    listed.current = question();
    wanted.current = Math.min(Number(parameter('row')) || 0, ROW_MOST);
  }, [rows]);
  useEffect(() => {
    if (!wanted.current || count === 0) return;
    if (wanted.current > count && rows.more) {
      rows.want(count, count);
      return;
    }
    show(Math.min(wanted.current, count) - 1, true);
    wanted.current = 0;
  }, [rows, rows.version.value]);
  /* With the probe's news: nothing moves while somebody is among the rows. */
  const followed = useRef(0);
  useEffect(() => {
    if (!standing.value || document.visibilityState !== 'visible') return;
    if (Date.now() - followed.current < FOLLOW_MS) return;
    followed.current = Date.now();
    const among = chosen >= 0 || first > 0 || body.current?.querySelector('.rows')?.contains(document.activeElement);
    if (rows.ofNow && !among) {
      ended.value = { count: 0, latest: null };
      void rows.renew();
    } else {
      void rows.follow(from, Math.min(to, count - 1));
    }
  }, [standing.value]);
  useEffect(
    () =>
      onKeys((event) => {
        const step =
          event.key === 'j' || event.key === 'ArrowDown'
            ? 1
            : event.key === 'k' || event.key === 'ArrowUp'
              ? -1
              : 0;
        if (step) {
          const next = Math.max(0, Math.min(rows.count - 1, at.current + step));
          choose(next);
          const box = body.current;
          box?.focus({ preventScroll: true });
          show(next);
          return true;
        }
        if (document.activeElement !== body.current) return false;
        /* Not left to the browser: it glides, through rows that nobody wants. */
        const screens = { Home: -Infinity, End: Infinity, PageUp: -1, PageDown: 1 }[event.key];
        if (screens) {
          turn(screens);
          return true;
        }
        const row = event.key === 'Enter' ? rows.row(at.current) : null;
        if (row) go(link('call', row.call.id));
        return row !== null;
      }),
    [rows, height],
  );

  const known = Array.from({ length: Math.max(0, Math.min(count, to) - from) }, (_, i) => from + i);
  const template = columns
    .map((c) => `minmax(${c.width}rem, ${c.right || c.fixed ? c.width : c.width * 1.6}fr)`)
    .join(' ');
  const wide = columns.reduce((sum, c) => sum + c.width, 0);
  const layout = cards ? {} : { gridTemplateColumns: template, minWidth: `${wide}rem` };
  return (
    <div class={`table${cards ? ' narrow' : ''}`}>
      <div
        class="scroll"
        ref={body}
        tabIndex={0}
        {...(count > 0
          ? { role: 'table', 'aria-label': 'Calls', 'aria-rowcount': rows.more ? -1 : count }
          : {})}
      >
        {!cards && (
          <div class="row head" role={count > 0 ? 'row' : undefined} style={layout}>
            {columns.map((column) => (
              <div
                key={column.name}
                role={count > 0 ? 'columnheader' : undefined}
                class={`cell${column.right ? ' right' : ''}`}
                aria-sort={count > 0 ? sorted(column, sort) : undefined}
              >
                <SortButton column={column} sort={sort} />
              </div>
            ))}
          </div>
        )}
        <div
          class="rows"
          role={count > 0 ? 'rowgroup' : undefined}
          style={{ height: `${whole}px`, ...(cards ? {} : { minWidth: `${wide}rem` }) }}
        >
          {known.map((index) => {
            const row = rows.row(index);
            return (
              <div
                key={index}
                role="row"
                aria-rowindex={index + 1}
                aria-current={index === chosen}
                class={`row${index === chosen ? ' chosen' : ''}`}
                style={{ ...layout, height: `${height}px`, transform: `translateY(${index * height + shift}px)` }}
                onClick={(event) => {
                  if (row && !(event.target as Element).closest('a, button')) go(link('call', row.call.id));
                }}
              >
                {!row && (
                  <div class="cell dim" role="cell">
                    …
                  </div>
                )}
                {row && cards && <Card row={row} />}
                {row &&
                  !cards &&
                  columns.map((column) => <Cell key={column.name} column={column} row={row} add={add} />)}
              </div>
            );
          })}
        </div>
        {!problem && (rows.loading || rows.more) && count === 0 && (
          <div class="state">
            <span class="spinner" /> Loading calls …
          </div>
        )}
        {!problem && !rows.loading && !rows.more && count === 0 && (
          <Empty title="No call is like that">
            Nothing in this database matches the filter and the time.
          </Empty>
        )}
      </div>
      {problem && problem.parameter === undefined && (
        <Failed what="Calls" problem={problem} retry={() => rows.retry()} />
      )}
      <div class="foot" role="status">
        {format.number(count)} calls{rows.more ? ' loaded, more as you scroll' : ''}
        {rows.reached.value &&
          (sort && !sort.endsWith('start')
            ? `: the order is that of the newest, since ${format.day(rows.reached.value)} ${format.clock(rows.reached.value)}; a narrower time has all of its own`
            : `; looked as far as ${format.day(rows.reached.value)} ${format.clock(rows.reached.value)}`)}
      </div>
    </div>
  );
}
