import { defineApp } from 'blitz-session';

export default defineApp({
  // Nombre de relais placés devant l’application (1 derrière un seul mandataire), ou leurs adresses.
  // Tant que c’est `false`, les en-têtes X-Forwarded-* ne sont crus de personne.
  trust_proxy: false,
});
