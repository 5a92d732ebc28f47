/* Oneself; and for admins who else there is, and what they did. */
import type { JSX } from 'preact';
import { Audit } from '../account/audit';
import { OwnPassword } from '../account/password';
import { Tokens } from '../account/tokens';
import { Users } from '../account/users';
import { mayAdminister } from '../parts/deed';
import { Tabs, chosenTab } from '../parts/tabs';

const OWN = [{ name: 'own', title: 'You' }];
const ALL = [
  ...OWN,
  { name: 'users', title: 'Users' },
  { name: 'tokens', title: 'Tokens' },
  { name: 'audit', title: 'Audit' },
];

export function AccountView(): JSX.Element {
  const tabs = mayAdminister() ? ALL : OWN;
  const tab = chosenTab(tabs);
  return (
    <article class="view">
      <h1>Accounts</h1>
      <Tabs tabs={tabs} label="Accounts" />
      {tab === 'own' && <OwnPassword />}
      {tab === 'users' && <Users />}
      {tab === 'tokens' && <Tokens />}
      {tab === 'audit' && <Audit />}
    </article>
  );
}
