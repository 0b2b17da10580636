/** How the page of a sweep looks, in light and in dark. */
export const pageStyle = `
:root {
  --page: #f5f5f2; --screen: #ffffff; --ink: #1f2421; --quiet: #5c6660; --line: #d9dcd6; --faint: #e9ebe6;
  --c1: #1c7a5a; --c2: #c2571a; --c3: #3c66c4; --c4: #8a3f9e; --c5: #8a7400; --c6: #b3324c;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #151816; --screen: #1e2320; --ink: #e7eae6; --quiet: #9aa59e; --line: #353c38; --faint: #2a302d;
    --c1: #6cc9a4; --c2: #f0a070; --c3: #8fb0f5; --c4: #d59be6; --c5: #d8c25a; --c6: #f08ca0;
  }
}
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: clamp(16px, 4vw, 40px); display: grid; gap: 28px; grid-template-columns: minmax(0, 1fr); }
h1, h2, p, figure, ul { margin: 0; padding: 0; }
h1 { font-size: 1.5rem; font-weight: 600; line-height: 1.25; }
h2 { margin-bottom: 10px; font-size: 1.05rem; font-weight: 600; }
header p { margin-top: 6px; max-width: 68ch; color: var(--quiet); }
.key { display: flex; flex-wrap: wrap; gap: 6px 20px; list-style: none; color: var(--quiet); }
.key li { display: flex; align-items: center; gap: 8px; }
.key i { width: 10px; height: 10px; border-radius: 50%; }
.charts { display: grid; gap: 20px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); }
figure { max-width: 620px; padding: 16px 16px 8px; border-radius: 12px; background: var(--screen); }
figcaption { font-weight: 600; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
.scroll { overflow-x: auto; border-radius: 12px; background: var(--screen); }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 8px 16px; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--quiet); font-weight: 500; }
td { border-top: 1px solid var(--faint); }
.ranked tbody tr:first-child td { font-weight: 600; }
:focus-visible { outline: 2px solid var(--c1); outline-offset: 2px; }
`;
