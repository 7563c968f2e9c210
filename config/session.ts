import { defineSession } from 'blitz-session';

// Tout ce qui n’est pas écrit ici garde sa valeur par défaut. Une variable d’environnement passe devant ce fichier :
// SESSION_EXPIRATION=600, SESSION_SAVE_PATH=/srv/sessions…
export default defineSession({
  // Un fichier par session ; rien à installer. Dit ici pour que `NODE_ENV=test` ne choisisse pas la mémoire.
  handler: 'file',
  savePath: 'storage/framework/session',

  // Secondes d’inactivité après lesquelles une session s’éteint.
  expiration: 7200,

  // Secondes entre deux renouvellements automatiques de l’identifiant.
  time_to_update: 300,
});
