/* Runs before anything is drawn, so that a dark page does not flash white. */
{
  let theme: string | null = null;
  try {
    theme = localStorage.getItem('theme');
  } catch {
    theme = null;
  }
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}
export {};
