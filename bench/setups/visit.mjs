/** What each request does, on plain values: reads a counter, adds one, writes it back; answers the count. */
export function visitValues(values, payload) {
  const count = (values.count ?? 0) + 1;
  if (count === 1) values.payload = payload;
  values.count = count;
  return String(count);
}

/** What a request does that only reads. */
export function readValues(values) {
  return String(values.count ?? 0);
}

/** The same as `visitValues` on a session of ours. */
export function visit(session, payload) {
  const count = session.get('count', 0) + 1;
  if (count === 1) session.put('payload', payload);
  session.put('count', count);
  return String(count);
}
