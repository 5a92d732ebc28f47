/* Which tools may ask: for admins. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { change, target } from '../api/client';
import { useQuery } from '../api/query';
import type { Account } from '../api/types';
import { moment } from '../base/format';
import { Wrong, useDeed } from '../parts/deed';
import { Answer, Empty } from '../parts/states';
import { NewAccount } from './fresh';
import { Secret } from './secret';
import type { Shown } from './secret';

function One({ token, changed }: { token: Account; changed: () => void }): JSX.Element {
  const [sure, setSure] = useState(false);
  const deed = useDeed();
  const revoke = async (): Promise<void> => {
    if (!sure) {
      setSure(true);
      return;
    }
    await deed.run(() => change('DELETE', `/tokens/${encodeURIComponent(token.name)}`));
    changed();
  };
  return (
    <tr>
      <td>{token.name}</td>
      <td>{token.role}</td>
      <td>{token.pii ? 'yes' : 'no'}</td>
      <td>{moment(token.created)}</td>
      <td>
        <button
          type="button"
          disabled={deed.busy}
          onBlur={() => setSure(false)}
          onClick={() => void revoke()}
        >
          {sure ? 'Revoke, indeed' : 'Revoke'}
        </button>
        <Wrong deed={deed} />
      </td>
    </tr>
  );
}

export function Tokens(): JSX.Element {
  const query = useQuery<{ items: Account[] }>(target('/tokens'));
  const [shown, setShown] = useState<Shown | null>(null);
  return (
    <>
      {shown && <Secret shown={shown} done={() => setShown(null)} />}
      <NewAccount path="/tokens" what="token" show={setShown} changed={query.reload} />
      <Answer query={query} what="the tokens">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="There are no tokens">
              A tool shows its token in the field <code>Authorization: Bearer</code>.
            </Empty>
          ) : (
            <div class="card list">
              <div class="scrollx">
                <table>
                  <thead>
                    <tr>
                      <th>Token</th>
                      <th>Role</th>
                      <th>Sees people</th>
                      <th>Made</th>
                      <th>
                        <span class="sr">Deeds</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((token) => (
                      <One key={token.name} token={token} changed={query.reload} />
                    ))}
                  </tbody>
                </table>
              </div>
            </div>
          )
        }
      </Answer>
    </>
  );
}
