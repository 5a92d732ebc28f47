/*
 * SIP and RTP of a call on one time axis: a line for each host with the messages between them,
 * and under it a band for each stream, coloured by the quality of its intervals, with the
 * losses of each beneath. Drag to look closer, scroll to zoom, double-click for the whole.
 */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Direction, Leg, Message, Stream } from '../api/calltypes';
import { clock, mos, ms, number, percent, rating } from '../base/format';
import { narrow } from '../base/screen';
import { useWidth } from '../parts/canvas';
import { at, ticks } from './axis';
import type { Axis } from './axis';
import { marksOfLeg, marksOfStream } from './marks';
import type { Mark } from './marks';
import { host, kindOf, partiesOf } from './parties';
import { scoreOf, stepOf } from './timelines';
import type { Timelines } from './timelines';

const LIFE_PX = 30;
const BAND_PX = 30;
const TOP_PX = 22;

export function gutter(): number {
  return narrow.value ? 84 : 190;
}

interface Props {
  axis: Axis;
  legs: Leg[];
  messages: Message[];
  streams: Stream[];
  timelines: Timelines;
  buffer: string; // whose scores colour the bands
  silent: Direction[]; // directions of which nothing came though it should have
  chosen: string | null; // id of a message
  choose: (id: string) => void;
}

type Place = (time: number) => number;

function short(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function Messages({
  props,
  x,
  rows,
  right,
}: {
  props: Props;
  x: Place;
  rows: Map<string, number>;
  right: number;
}): JSX.Element {
  const { from, to } = props.axis.shown.value;
  let labelEnd = -1;
  const labels: JSX.Element[] = []; // behind the lines, so that none crosses them
  return (
    <g class="messages">
      {props.messages.map((message) => {
        const time = at(message.at) ?? 0;
        if (time < from || time > to) return null;
        const left = x(time);
        const begin = rows.get(host(message.src)) ?? 0;
        const end = rows.get(host(message.dst)) ?? 0;
        const down = end >= begin ? 1 : -1;
        const label = message.summary.replace(/ .*/, '');
        const wide = label.length * 6.5 + 8;
        const labelled = left > labelEnd;
        const flip = left + wide > right; // at the right edge the label stands in front
        if (labelled) {
          labelEnd = left + wide;
          labels.push(
            <text
              key={message.id}
              class={kindOf(message.summary)}
              x={flip ? left - 4 : left + 4}
              y={Math.min(begin, end) + 12}
              text-anchor={flip ? 'end' : 'start'}
            >
              {label}
            </text>,
          );
        }
        return (
          <g
            key={message.id}
            class={`message ${kindOf(message.summary)}${message.id === props.chosen ? ' chosen' : ''}`}
            onClick={() => props.choose(message.id)}
          >
            <title>{`${clock(message.at, 3)} ${message.summary}`}</title>
            <line class="hit" x1={left} x2={left} y1={begin} y2={end} />
            <line
              class="stem"
              x1={left}
              x2={left}
              y1={begin}
              y2={end - down * 5}
              stroke-dasharray={message.retransmission ? '3 2' : undefined}
            />
            <path class="head" d={`M${left - 3.5} ${end - down * 7}h7L${left} ${end}z`} />
          </g>
        );
      })}
      {labels}
    </g>
  );
}

function Band({
  stream,
  top,
  x,
  props,
}: {
  stream: Stream;
  top: number;
  x: Place;
  props: Props;
}): JSX.Element {
  const intervals = props.timelines.get(stream.id) ?? [];
  const step = stepOf(intervals);
  const begin = at(stream.first) ?? 0;
  const end = at(stream.last) ?? begin;
  const { from, to } = props.axis.shown.value;
  const worst = Math.max(5, ...intervals.map((one) => one.loss_pct ?? 0));
  return (
    <g class="band">
      <title>{`${stream.codec ?? 'RTP'} ${stream.src ?? ''} → ${stream.dst ?? ''}, MOS ${mos(stream.mos_lq)}, loss ${percent(stream.loss_pct)}`}</title>
      <rect
        class={intervals.length ? 'ground' : `fill ${rating(stream.mos_lq)}`}
        x={x(begin)}
        y={top}
        width={Math.max(1, x(end) - x(begin))}
        height={14}
        rx={2}
      />
      {intervals.map((one) => {
        const starts = Math.max(Date.parse(one.at), begin);
        const ends = Math.min(Date.parse(one.at) + step, end);
        if (ends < from || starts > to || ends <= starts) return null;
        const score = scoreOf(one, props.buffer);
        const left = x(starts);
        const wide = Math.max(1, x(ends) - left - 0.5);
        const loss = one.loss_pct ?? 0;
        const tall = loss > 0 ? Math.max(2, Math.min(1, loss / worst) * 10) : 0;
        return (
          <g key={one.at}>
            <title>
              {`${clock(one.at)} MOS ${mos(score)}, loss ${percent(one.loss_pct)} (${number(one.lost)}), jitter ${ms(one.jitter_mean_ms)}, ${number(one.network.bursts)} bursts of loss`}
            </title>
            <rect class={`fill ${rating(score)}`} x={left} y={top} width={wide} height={14} />
            {rating(score) === 'bad' && (
              <rect class="hatch" fill="url(#hatch-bad)" x={left} y={top} width={wide} height={14} />
            )}
            {rating(score) === 'poor' && (
              <rect class="hatch" fill="url(#hatch-poor)" x={left} y={top} width={wide} height={14} />
            )}
            {wide > 34 && (
              <text class="score" x={left + 4} y={top + 11}>
                {mos(score)}
              </text>
            )}
            {tall > 0 && <rect class="loss" x={left} y={top + 26 - tall} width={wide} height={tall} />}
          </g>
        );
      })}
      {marksOfStream(stream, intervals).map((mark) => (
        <g key={`${mark.time} ${mark.name}`} class="bandmark">
          <title>{`${clock(mark.time)} ${mark.name}`}</title>
          <path d={`M${x(mark.time)} ${top}l4 -5h-8z`} />
        </g>
      ))}
    </g>
  );
}

/** The answer, the end and what was between, as lines through everything. */
function Flags({
  marks,
  x,
  height,
  span,
}: {
  marks: Mark[];
  x: Place;
  height: number;
  span: [number, number, number];
}): JSX.Element {
  let end = -1;
  return (
    <g class="flags">
      {marks
        .filter((mark) => mark.time >= span[0] && mark.time <= span[1])
        .map((mark) => {
          const left = x(mark.time);
          const named = left > end;
          if (named) end = left + mark.name.length * 6 + 6;
          return (
            <g key={`${mark.time} ${mark.name}`}>
              <title>{`${clock(mark.time, 3)} ${mark.name}`}</title>
              <line x1={left} x2={left} y1={TOP_PX - 4} y2={height} />
              {named && (
                <text
                  x={left > span[2] - 50 ? left - 3 : left + 3}
                  y={height - 3}
                  text-anchor={left > span[2] - 50 ? 'end' : 'start'}
                >
                  {mark.name}
                </text>
              )}
            </g>
          );
        })}
    </g>
  );
}

function arrow(stream: Stream): string {
  return stream.direction === 'forward' ? '→' : stream.direction === 'reverse' ? '←' : '·';
}

/* Dragging marks a span; wheel and double-click change the axis at once. */
function usePointer(
  axis: Axis,
  left: number,
  width: number,
): {
  mark: [number, number] | null;
  handlers: JSX.IntrinsicElements['div'];
} {
  const [mark, setMark] = useState<[number, number] | null>(null);
  const position = (event: MouseEvent): number => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return Math.min(Math.max(event.clientX - box.left, left), width);
  };
  const time = (px: number): number => {
    const { from, to } = axis.shown.value;
    return from + ((px - left) / (width - left)) * (to - from);
  };
  return {
    mark,
    handlers: {
      onPointerDown: (event) => {
        if (event.button === 0 && event.pointerType !== 'touch' && position(event) > left)
          setMark([position(event), position(event)]);
      },
      onPointerMove: (event) => mark && setMark([mark[0], position(event)]),
      onPointerUp: () => {
        if (mark && Math.abs(mark[1] - mark[0]) > 5)
          axis.show({ from: time(Math.min(...mark)), to: time(Math.max(...mark)) });
        setMark(null);
      },
      onPointerLeave: () => setMark(null),
      onDblClick: () => axis.reset(),
      onWheel: (event) => {
        if (!event.ctrlKey && !event.shiftKey && !axis.zoomed.value) return; // the page scrolls
        event.preventDefault();
        axis.zoom(event.deltaY > 0 ? 1.25 : 0.8, time(position(event)));
      },
    },
  };
}

export function Timeline(props: Props): JSX.Element {
  const [box, width] = useWidth();
  const left = gutter();
  const { from, to } = props.axis.shown.value;
  const x: Place = (time) => left + ((time - from) / (to - from)) * (width - left - 8);
  const parties = partiesOf(props.legs, props.messages);
  const rows = new Map(parties.map((party, i) => [party.host, TOP_PX + 12 + i * LIFE_PX]));
  const bandsTop = TOP_PX + parties.length * LIFE_PX + 10;
  const silentTop = bandsTop + props.streams.length * BAND_PX;
  const height = silentTop + props.silent.length * BAND_PX + 14;
  const leg = props.legs.find((one) => one.answered !== null) ?? props.legs[0] ?? null;
  const answered = at(leg?.answered);
  const ended = at(leg?.ended) ?? to;
  const marks = ticks(props.axis.shown.value, Math.max(2, (width - left) / 110));
  const { mark, handlers } = usePointer(props.axis, left, width - 8);
  const most = narrow.value ? 11 : 26;
  return (
    <div class="timeline" ref={box} {...handlers}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label="Messages and media over time; the ladder below has the same as text"
      >
        <defs>
          <pattern
            id="hatch-bad"
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <line x1="0" x2="0" y1="0" y2="5" />
          </pattern>
          <pattern
            id="hatch-poor"
            width="9"
            height="9"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <line x1="0" x2="0" y1="0" y2="9" />
          </pattern>
          <clipPath id="plot-area">
            <rect x={left} y={0} width={Math.max(0, width - left - 4)} height={height} />
          </clipPath>
        </defs>
        {marks.at.map((t) => (
          <g key={t} class="tick">
            <line x1={x(t)} x2={x(t)} y1={TOP_PX - 4} y2={height} />
            <text x={x(t)} y={12}>
              {clock(t, marks.decimals)}
            </text>
          </g>
        ))}
        {parties.map((party) => (
          <g key={party.host} class="life">
            <text class="label" x={0} y={(rows.get(party.host) ?? 0) + 4}>
              <title>{party.host}</title>
              {short(party.name, most)}
            </text>
            <line x1={left} x2={width} y1={rows.get(party.host)} y2={rows.get(party.host)} />
          </g>
        ))}
        {props.streams.map((stream, i) => (
          <text key={stream.id} class="label" x={0} y={bandsTop + i * BAND_PX + 11}>
            <title>{`${stream.src ?? ''} → ${stream.dst ?? ''}`}</title>
            {short(`${arrow(stream)} ${stream.codec ?? 'RTP'} ${stream.point ?? stream.src ?? ''}`, most)}
          </text>
        ))}
        {props.silent.map((direction, i) => (
          <text key={direction} class="label silent" x={0} y={silentTop + i * BAND_PX + 11}>
            {direction === 'forward' ? '→' : '←'} nothing came
          </text>
        ))}
        <g clip-path="url(#plot-area)">
          <Flags marks={marksOfLeg(leg, props.messages)} x={x} height={height} span={[from, to, width]} />
          {answered !== null &&
            props.silent.map((direction, i) => (
              <rect
                key={direction}
                class="nothing"
                x={x(answered)}
                y={silentTop + i * BAND_PX}
                width={Math.max(1, x(ended) - x(answered))}
                height={14}
                rx={2}
              />
            ))}
          {props.streams.map((stream, i) => (
            <Band key={stream.id} stream={stream} top={bandsTop + i * BAND_PX} x={x} props={props} />
          ))}
          <Messages props={props} x={x} rows={rows} right={width - 8} />
        </g>
        {mark && (
          <rect
            class="marked"
            x={Math.min(...mark)}
            y={0}
            width={Math.abs(mark[1] - mark[0])}
            height={height}
          />
        )}
      </svg>
    </div>
  );
}
