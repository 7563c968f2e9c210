/** The query for these values, with its question mark; `''` without any. Lists and objects as PHP writes them: `a[]=1&b[c]=2`. */
export function queryOf(values: ReadonlyMap<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of values) append(query, name, value);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** What is absent is left out. */
function append(query: URLSearchParams, name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (value instanceof Date) query.append(name, value.toISOString());
  else if (Array.isArray(value)) for (const each of value) append(query, `${name}[]`, each);
  else if (typeof value === 'object') {
    for (const [key, each] of Object.entries(value)) append(query, `${name}[${key}]`, each);
  } else query.append(name, String(value));
}
