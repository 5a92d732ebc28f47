/* How the score came about: its inputs with their sources, and whose each loss is. */
import type { JSX } from 'preact';
import { API } from '../api/client';
import { useQuery } from '../api/query';
import type { Explanation } from '../api/calltypes';
import type { Id, Page } from '../api/types';
import { number, percent } from '../base/format';
import { printing } from '../base/settings';
import { Answer } from '../parts/states';

function Inputs({ of }: { of: Explanation }): JSX.Element {
  return (
    <table class="small">
      <thead>
        <tr>
          <th>Input</th>
          <th class="right">Value</th>
          <th>Where it is from</th>
        </tr>
      </thead>
      <tbody>
        {(of.inputs ?? []).map((input) => (
          <tr key={input.name}>
            <th>{input.name}</th>
            <td class="right">
              {number(input.value, 2)} {input.unit ?? ''}
            </td>
            <td>
              {input.trust && <span class="tag">{input.trust}</span>} {input.source}
            </td>
          </tr>
        ))}
        {Object.entries(of.terms ?? {}).map(([name, value]) => (
          <tr key={name}>
            <th>{name}</th>
            <td class="right">{number(value, 2)}</td>
            <td class="dim">term of {of.model ?? 'the model'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Losses({ of }: { of: Explanation }): JSX.Element | null {
  const shares = (of.losses ?? []).filter((share) => share.packets > 0);
  if (shares.length === 0) return <p class="dim">No packet was lost or too late.</p>;
  return (
    <table class="small">
      <thead>
        <tr>
          <th>Whose loss</th>
          <th class="right">Packets</th>
          <th class="right">Share</th>
          <th>What it is</th>
        </tr>
      </thead>
      <tbody>
        {shares.map((share) => (
          <tr key={share.name}>
            <th>{share.name.replaceAll('_', ' ')}</th>
            <td class="right">{number(share.packets)}</td>
            <td class="right">{percent(share.pct)}</td>
            <td>
              {share.source}
              {!share.charged && ' (not charged)'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Explain({ id }: { id: Id }): JSX.Element {
  const query = useQuery<Page<Explanation>>(`${API}/calls/${encodeURIComponent(id)}/explain`);
  return (
    <Answer query={query} what="the explanation">
      {(page) => (
        <div class="explain">
          {page.items
            .filter((one) => one.kind === 'explanation')
            .map((one) => (
              <details key={one.stream ?? one.why} class="card" open={printing.value}>
                <summary>
                  <span>{one.why}</span>
                  {one.agrees === false && <span class="tag bad">computed again it differs</span>}
                </summary>
                <Inputs of={one} />
                <Losses of={one} />
              </details>
            ))}
          {page.items.every((one) => one.kind !== 'explanation') && (
            <p class="dim">There is no stream to explain.</p>
          )}
        </div>
      )}
    </Answer>
  );
}
