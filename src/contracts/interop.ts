/** The PHP application that shares the sessions: whose names and rules count, and of which release. */
export type Interop =
  | false
  | { readonly peer: 'blitzphp' | 'codeigniter4' | 'php'; readonly version: string };
