/* Is the screen a narrow one, a phone's? Lists show cards there. */
import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 700px)');
export const narrow = signal(query.matches);
query.addEventListener('change', () => (narrow.value = query.matches));
