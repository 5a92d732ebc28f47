/* Who is told of alerts, and whether they are: by what the probe says of each now. */
import type { JSX } from 'preact';
import { API } from '../api/client';
import { standing } from '../api/live';
import { useQuery } from '../api/query';
import type { Probe, Receiver } from '../api/probetypes';
import type { Known } from '../api/types';
import { number, words } from '../base/format';
import { Answer, Empty } from '../parts/states';
import { When } from '../parts/when';

const STATES: Record<Receiver['state'], { tag: string; text: string }> = {
  good: { tag: 'good', text: 'takes alerts' },
  idle: { tag: '', text: 'nothing was sent yet' },
  failing: { tag: 'bad', text: 'does not take them' },
  no_notifier: { tag: 'bad', text: 'nobody delivers' },
  removed: { tag: 'warn', text: 'is not in the configuration any more' },
};

export function ReceiverTable({ list }: { list: Receiver[] }): JSX.Element {
  return (
    <div class="scrollx" tabIndex={0}>
      <table class="small">
        <thead>
          <tr>
            <th>Receiver</th>
            <th>By</th>
            <th>State</th>
            <th class="right">Waiting</th>
            <th class="right">Given up</th>
            <th>Took the last</th>
            <th>What goes wrong</th>
          </tr>
        </thead>
        <tbody>
          {list.map((one) => (
            <tr key={`${one.name} ${one.state}`}>
              <th>{one.name}</th>
              <td>{one.transport ?? '–'}</td>
              <td>
                <span class={`tag ${STATES[one.state].tag}`}>{words(one.state)}</span>{' '}
                <small>{STATES[one.state].text}</small>
              </td>
              <td class="right">{number(one.waiting)}</td>
              <td class={one.dead ? 'right wrong' : 'right'}>{number(one.dead)}</td>
              <td>
                <When time={one.last_taken} />
              </td>
              <td>{one.error ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What came last: the probe says it each second, if one runs here. */
export function receiversNow(asked: Known<Receiver[]>): Known<Receiver[]> {
  return standing.value?.receivers ?? asked;
}

export function Receivers(): JSX.Element {
  const query = useQuery<Probe>(`${API}/probe`);
  return (
    <Answer query={query} what="the receivers">
      {(probe) => {
        const list = receiversNow(probe.receivers);
        if (!list) return <Empty title="No probe runs here">Receivers are told by the probe that listens.</Empty>;
        if (list.length === 0)
          return (
            <Empty title="Nobody is told">
              The configuration has no receiver of alerts (alerts.receivers): they are listed here, and that is all.
            </Empty>
          );
        return (
          <section class="card" aria-label="Receivers">
            <ReceiverTable list={list} />
          </section>
        );
      }}
    </Answer>
  );
}
