import { render } from 'preact';
import { App } from './app';
import { showVisibly } from './base/visible';

showVisibly();
const root = document.getElementById('app');
if (root) {
  root.textContent = '';
  render(<App />, root);
}
