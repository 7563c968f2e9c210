/** `node:http` without sessions. */
export function listen() {
  return (_request, response) => response.end('1');
}
