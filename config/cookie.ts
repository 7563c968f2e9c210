import { defineCookie } from 'blitz-session';

// Le cookie de session est toujours HttpOnly, quoi que dise ce fichier.
export default defineCookie({
  // « Secure » dès que la requête arrive en HTTPS ; derrière un mandataire, voir `trust_proxy` dans config/app.ts.
  secure: 'auto',
  samesite: 'Lax',
});
