/* One direction of one leg: what arrived here, how it would sound, and what the far end says. */
import type { ComponentChildren, JSX } from 'preact';
import type { Report, Stream } from '../api/calltypes';
import { clock, ms, number, percent, words } from '../base/format';
import { Mos } from '../parts/mos';

const BUFFER_NAMES: Record<string, string> = {
  f50: 'fixed 50 ms',
  f200: 'fixed 200 ms',
  adaptive: 'adaptive',
};
/** Of the answered time; less is said beside the score (docs/figures.md). */
const COVERED_PCT = 90;
const PDV_EDGES = [5, 10, 20, 30, 50, 70, 90, 120, 150, 200, 300, 500];

function Fact({
  name,
  children,
  title,
}: {
  name: string;
  children: ComponentChildren;
  title?: string;
}): JSX.Element {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** How many packets came how much behind the fastest ones. */
function Variation({ counts }: { counts: number[] }): JSX.Element | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const last = counts.reduce((found, count, i) => (count > 0 ? i : found), 0);
  const shown = counts.slice(0, Math.max(last + 1, 6));
  return (
    <figure class="variation">
      <figcaption>Delay variation: packets by ms behind the fastest, heights as square roots</figcaption>
      <div class="bars">
        {shown.map((count, i) => {
          const label =
            PDV_EDGES[i] === undefined
              ? `over ${PDV_EDGES[PDV_EDGES.length - 1]} ms`
              : `up to ${PDV_EDGES[i]} ms`;
          const share = count / total;
          return (
            <div key={label} title={`${label}: ${number(count)} packets, ${percent(share * 100, 1)}`}>
              <span
                class="bar plain"
                style={{ height: `${count ? Math.max(3, Math.sqrt(share) * 100) : 0}%` }}
              />
              <small>{PDV_EDGES[i] ?? '>'}</small>
            </div>
          );
        })}
      </div>
    </figure>
  );
}

function Buffers({ stream }: { stream: Stream }): JSX.Element {
  return (
    <table class="small">
      <caption class="sr">MOS with three jitter buffers</caption>
      <thead>
        <tr>
          <th>Jitter buffer</th>
          <th>MOS</th>
          <th class="right">R</th>
          <th class="right">Too late</th>
          <th class="right">Loss heard</th>
          <th class="right">BurstR</th>
        </tr>
      </thead>
      <tbody>
        {stream.buffers.map((buffer) => (
          <tr key={buffer.name} class={buffer.name === stream.mos_buffer ? 'main' : ''}>
            <th>{BUFFER_NAMES[buffer.name] ?? buffer.name}</th>
            <td>
              <Mos value={buffer.mos_lq} band={stream.band} />
            </td>
            <td class="right">{number(buffer.r, 1)}</td>
            <td class="right">{number(buffer.discarded)}</td>
            <td class="right">{percent(buffer.ppl)}</td>
            <td class="right">{number(buffer.burstr, 2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What we counted beside what the receiver reported: two witnesses of one stream. */
function Witnesses({ stream }: { stream: Stream }): JSX.Element {
  const told = stream.rtcp_receiver_reports > 0;
  return (
    <table class="small">
      <caption>Two witnesses</caption>
      <thead>
        <tr>
          <th />
          <th class="right">Expected</th>
          <th class="right">Lost</th>
          <th class="right">Loss</th>
          <th class="right">Jitter</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th>this probe</th>
          <td class="right">{number(stream.expected)}</td>
          <td class="right">{number(stream.lost)}</td>
          <td class="right">{percent(stream.loss_pct)}</td>
          <td class="right">{ms(stream.jitter_mean_ms)}</td>
        </tr>
        <tr>
          <th>receiver, by RTCP</th>
          {told ? (
            <>
              <td class="right">{number(stream.far_expected)}</td>
              <td class="right">{number(stream.far_lost)}</td>
              <td class="right">{percent(stream.far_loss_pct)}</td>
              <td class="right">{ms(stream.far_jitter_mean_ms)}</td>
            </>
          ) : (
            <td colSpan={4} class="dim">
              no report passed here
            </td>
          )}
        </tr>
      </tbody>
    </table>
  );
}

/* The path between the two places where the same packets were seen. */
function between(stream: Stream, upstream: Stream | null): string {
  if (stream.point && upstream?.point) return `${upstream.point} to ${stream.point}`;
  return 'the two sights';
}

/** Where it was lost: in front of this probe, between two points, behind it, or by the capture. */
function Segments({ stream, upstream }: { stream: Stream; upstream: Stream | null }): JSX.Element | null {
  const parts: [string, string][] = [];
  const from = upstream?.point ?? 'the first sight';
  const segment = between(stream, upstream);
  if (stream.segment_lost_before !== null)
    parts.push([`lost before ${from}, packets`, number(stream.segment_lost_before)]);
  if (stream.segment_lost_between !== null)
    parts.push([`lost from ${segment}, packets`, number(stream.segment_lost_between)]);
  if (stream.segment_delay_ms !== null) parts.push([`delay from ${segment}`, ms(stream.segment_delay_ms)]);
  if (stream.segment_jitter_ms !== null) parts.push([`jitter from ${segment}`, ms(stream.segment_jitter_ms)]);
  if (stream.lost_at_report !== null)
    parts.push(['lost before the probe, by the last report', number(stream.lost_at_report)]);
  if (stream.lost_after !== null) parts.push(['lost behind the probe', number(stream.lost_after)]);
  if (stream.unconfirmed_lost) parts.push(['lost by the capture only', number(stream.unconfirmed_lost)]);
  if (stream.rtt_ms !== null)
    parts.push([stream.rtt_partial ? 'round trip (one half)' : 'round trip', ms(stream.rtt_ms)]);
  if (parts.length === 0) return null;
  return (
    <div class="segments">
      <h5>Segments</h5>
      <dl class="facts">
        {parts.map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </dl>
    </div>
  );
}

function Claims({ reports }: { reports: Report[] }): JSX.Element | null {
  if (reports.length === 0) return null;
  const shown = reports.slice(-6);
  return (
    <table class="small">
      <caption>What the endpoints claim</caption>
      <thead>
        <tr>
          <th>Source</th>
          <th>About</th>
          <th class="right">Loss</th>
          <th class="right">Discarded</th>
          <th class="right">Round trip</th>
          <th class="right">MOS</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((report) => (
          <tr key={report.id}>
            <th>{words(report.source)}</th>
            <td>{report.side === 'remote' ? 'its peer' : 'itself'}</td>
            <td class="right">{percent(report.loss_pct)}</td>
            <td class="right">{percent(report.discard_pct)}</td>
            <td class="right">{ms(report.rtt_ms)}</td>
            <td class="right">{number(report.mos_lq, 1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function StreamCard({
  stream,
  upstream,
  reports,
}: {
  stream: Stream;
  upstream: Stream | null; // the same packets where they came by before
  reports: Report[];
}): JSX.Element {
  const goesOn = stream.flags.includes('in_progress');
  const way =
    stream.direction === 'forward'
      ? 'Caller → callee'
      : stream.direction === 'reverse'
        ? 'Callee → caller'
        : 'Direction not known';
  const captured = stream.loss_verdict === 'capture';
  return (
    <article class="card stream">
      <header>
        <div>
          <h4>
            {way}
            {stream.point && <span class="tag point">at {stream.point}</span>}
          </h4>
          <p class="dim address">
            {stream.src ?? '–'} → {stream.dst ?? '–'}
          </p>
          {goesOn && <p class="dim">All figures so far, as of {clock(stream.last)}; it goes on.</p>}
        </div>
        <Mos
          value={stream.mos_lq}
          band={stream.band}
          large
          doubt={captured ? 'the capture lost packets of it' : null}
          soFar={goesOn}
        />
      </header>
      <dl class="facts">
        <Fact name="Codec">
          {stream.codec ?? '–'}
          {stream.ptime_ms !== null && ` ${number(stream.ptime_ms)} ms`}
          {stream.encrypted && ', SRTP'}
        </Fact>
        <Fact name="Loss">
          {percent(stream.loss_pct)}{' '}
          <small>
            ({number(stream.lost)} of {number(stream.expected)})
          </small>
        </Fact>
        <Fact name="Runs of loss" title="losses of one packet or several in a row, and the longest">
          {number(stream.loss_runs)}
          {stream.loss_longest !== null && <small> longest {number(stream.loss_longest)}</small>}
        </Fact>
        <Fact name="Whose loss">{words(stream.loss_verdict)}</Fact>
        {stream.mos_lq_unsuspected !== null && (
          <Fact
            name="MOS without suspect loss"
            title="as if the packets that the capture may have lost had come"
          >
            {number(stream.mos_lq_unsuspected, 2)}
          </Fact>
        )}
        <Fact name="Jitter">
          {ms(stream.jitter_mean_ms)} <small>max {ms(stream.jitter_max_ms)}</small>
        </Fact>
        <Fact name="PDV 95 / 99 %">
          {ms(stream.pdv_p95_ms)} <small>/ {ms(stream.pdv_p99_ms)}</small>
        </Fact>
        <Fact name="Longest gap">{ms(stream.delta_max_ms)}</Fact>
        <Fact name="Covered" title="share of the answered time with media or announced silence">
          <span class={(stream.media_coverage_pct ?? 100) < COVERED_PCT ? 'wrong' : ''}>
            {percent(stream.media_coverage_pct, 1)}
          </span>
        </Fact>
        <Fact name="Reordered, copies">
          {number(stream.reordered)}, {number(stream.duplicates)}
        </Fact>
        <Fact name="R, with delay" title="R of the score; MOS with the measured delay">
          {number(stream.r, 1)} <small>MOS-CQ {number(stream.mos_cq, 2)}</small>
        </Fact>
        <Fact name="DSCP">{number(stream.dscp)}</Fact>
        <Fact name="Scored by">
          {stream.basis ?? '–'}{' '}
          <small>
            Ie {number(stream.ie, 1)}, Bpl {number(stream.bpl, 1)}
          </small>
        </Fact>
      </dl>
      {stream.flags.length > 0 && (
        <p class="tags">
          {stream.flags.map((flag) => (
            <span key={flag} class="tag">
              {words(flag)}
            </span>
          ))}
        </p>
      )}
      <Buffers stream={stream} />
      <Witnesses stream={stream} />
      <Segments stream={stream} upstream={upstream} />
      <Claims reports={reports} />
      <Variation counts={stream.pdv} />
    </article>
  );
}
