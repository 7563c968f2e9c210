import type { IncomingMessage } from 'node:http';
import type { Forwarding } from '../request-facts.js';

/** What the connection and the headers say of who asks, for `app.trust_proxy` to judge. */
export function forwarding(request: IncomingMessage): Forwarding {
  return {
    peer: request.socket.remoteAddress,
    encrypted: 'encrypted' in request.socket,
    forwardedFor: header(request, 'x-forwarded-for'),
    forwardedProto: header(request, 'x-forwarded-proto'),
  };
}

export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
