import type { Say } from './words.js';

/** `public/style.css`: light and dark, no library. */
export const stylesheet = (say: Say): string => `:root {
  color-scheme: light dark;
  --ground: #faf7f2;
  --panel: #ffffff;
  --ink: #23201c;
  --soft: #6b645b;
  --line: #e4ddd2;
  --accent: #b03a0a;
  --on-accent: #ffffff;
}

/* ${say('Les mêmes couleurs, la nuit.', 'The same colours at night.')} */
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #191715;
    --panel: #23201d;
    --ink: #ede8e1;
    --soft: #a89f94;
    --line: #3a3530;
    --accent: #ff9b6b;
    --on-accent: #2a1206;
  }
}

*,
*::before,
*::after {
  box-sizing: border-box;
}

body {
  min-height: 100vh;
  margin: 0;
  display: grid;
  grid-template-rows: 1fr auto;
  justify-items: center;
  background: var(--ground);
  color: var(--ink);
  font: 1.0625rem/1.6 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}

main {
  align-self: center;
  width: min(36rem, 100% - 2rem);
  margin-block: 2rem;
  padding: clamp(1.5rem, 5vw, 3rem);
  border: 1px solid var(--line);
  border-top: 4px solid var(--accent);
  border-radius: 0.75rem;
  background: var(--panel);
}

h1 {
  margin: 0 0 1rem;
  font-size: clamp(1.5rem, 5vw, 2.125rem);
  line-height: 1.2;
  text-wrap: balance;
}

p {
  margin: 0 0 1.25rem;
}

.count {
  display: flex;
  align-items: baseline;
  gap: 0.75rem;
  color: var(--soft);
}

.count strong {
  color: var(--accent);
  font-size: 3.5rem;
  line-height: 1;
  font-variant-numeric: tabular-nums;
}

.message {
  padding: 0.75rem 1rem;
  border-left: 4px solid var(--accent);
  background: var(--ground);
}

button {
  padding: 0.625rem 1.25rem;
  border: 0;
  border-radius: 0.5rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}

button:hover {
  filter: brightness(1.1);
}

:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 3px;
}

footer {
  width: min(36rem, 100% - 2rem);
  color: var(--soft);
  font-size: 0.9375rem;
}

code {
  font-family: ui-monospace, Menlo, Consolas, monospace;
  font-size: 0.9em;
}
`;
