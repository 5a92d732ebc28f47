/* Who may log in: for admins. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { change, session, target } from '../api/client';
import { useQuery } from '../api/query';
import type { Account, Role } from '../api/types';
import { moment } from '../base/format';
import { DeedTable, SureButton, Wrong, useDeed } from '../parts/deed';
import { Answer, Empty } from '../parts/states';
import { NewAccount, ROLES } from './fresh';
import { Secret } from './secret';
import type { Shown } from './secret';

function One({
  user,
  changed,
  show,
}: {
  user: Account;
  changed: () => void;
  show: (shown: Shown) => void;
}): JSX.Element {
  const deed = useDeed();
  const path = `/users/${encodeURIComponent(user.name)}`;
  const put = async (rights: Partial<Account>): Promise<void> => {
    await deed.run(() => change('PUT', path, rights));
    changed();
  };
  const reset = async (): Promise<void> => {
    await deed.run(async () => {
      const made = await change<Account>('POST', `${path}/password`);
      if (made?.secret) show({ what: `New password of ${user.name}`, secret: made.secret });
    });
  };
  const remove = async (): Promise<void> => {
    await deed.run(() => change('DELETE', path));
    changed();
  };
  return (
    <tr>
      <td>
        {user.name} {user.name === session.value?.user && <small>you</small>}
      </td>
      <td>
        <select
          aria-label={`Role of ${user.name}`}
          value={user.role}
          disabled={deed.busy}
          onChange={(e) => void put({ role: e.currentTarget.value as Role })}
        >
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
      </td>
      <td>
        <input
          type="checkbox"
          aria-label={`${user.name} sees people`}
          checked={user.pii}
          disabled={deed.busy}
          onChange={(e) => void put({ pii: e.currentTarget.checked })}
        />
      </td>
      <td>
        {user.disabled ? <span class="tag bad">disabled</span> : <span class="tag good">may log in</span>}
      </td>
      <td>{moment(user.created)}</td>
      <td>
        <div class="buttons">
          <button type="button" disabled={deed.busy} onClick={() => void put({ disabled: !user.disabled })}>
            {user.disabled ? 'Enable' : 'Disable'}
          </button>
          <button type="button" disabled={deed.busy} onClick={() => void reset()}>
            New password
          </button>
          <SureButton what="Remove" deed={deed} act={remove} />
        </div>
        <Wrong deed={deed} />
      </td>
    </tr>
  );
}

export function Users(): JSX.Element {
  const query = useQuery<{ items: Account[] }>(target('/users'));
  const [shown, setShown] = useState<Shown | null>(null);
  return (
    <>
      {shown && <Secret shown={shown} done={() => setShown(null)} />}
      <NewAccount path="/users" what="user" show={setShown} changed={query.reload} />
      <Answer query={query} what="the users">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="There are no users">
              On this machine nobody has to log in. Who comes from elsewhere needs a user.
            </Empty>
          ) : (
            <DeedTable titles={['User', 'Role', 'Sees people', 'State', 'Made']}>
              {items.map((user) => (
                <One key={user.name} user={user} changed={query.reload} show={setShown} />
              ))}
            </DeedTable>
          )
        }
      </Answer>
    </>
  );
}
