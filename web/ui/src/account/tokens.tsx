/* Which tools may ask: for admins. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { change, target } from '../api/client';
import { useQuery } from '../api/query';
import type { Account } from '../api/types';
import { moment } from '../base/format';
import { DeedTable, SureButton, Wrong, useDeed } from '../parts/deed';
import { Answer, Empty } from '../parts/states';
import { NewAccount } from './fresh';
import { Secret } from './secret';
import type { Shown } from './secret';

function One({ token, changed }: { token: Account; changed: () => void }): JSX.Element {
  const deed = useDeed();
  const revoke = async (): Promise<void> => {
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
        <SureButton what="Revoke" deed={deed} act={revoke} />
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
            <DeedTable titles={['Token', 'Role', 'Sees people', 'Made']}>
              {items.map((token) => (
                <One key={token.name} token={token} changed={query.reload} />
              ))}
            </DeedTable>
          )
        }
      </Answer>
    </>
  );
}
