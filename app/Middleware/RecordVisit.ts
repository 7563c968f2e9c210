import type { MiddlewareInterface, Next, Request, Response } from 'blitz-session';

declare module 'blitz-session' {
  interface SessionData {
    visite: { readonly debut: Date; readonly pages: number };
  }
}

/** Keeps in the session when the visit began and how many pages it has seen. */
export class RecordVisit implements MiddlewareInterface {
  handle(request: Request, next: Next): Promise<Response> {
    const session = request.session();
    session.remember('visite.debut', () => new Date());
    session.increment('visite.pages');
    return next();
  }
}
