import type { Language } from '../../support/language.js';
import type { ProjectFile, Say } from './words.js';

/** `app/Views/`: a layout and one page. */
export function viewFiles(say: Say, language: Language): ProjectFile[] {
  return [
    { path: 'app/Views/layouts/main.eta', content: layout(say, language) },
    { path: 'app/Views/home.eta', content: home(say) },
  ];
}

const layout = (say: Say, language: Language): string => `<!doctype html>
<html lang="${language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title><%= it.title %></title>
  <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23c2410c' d='M9.5 0 3 9h4l-.5 7L13 7H9z'/%3E%3C/svg%3E">
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <main>
    <% const message = session('message') %>
    <% if (message) { %>
    <p class="message" role="status"><%= message %></p>
    <% } %>
    <%~ it.body %>
  </main>
  <footer>
    <p>${say(
      'Cette page est <code>app/Views/home.eta</code> ; ses routes sont dans <code>config/routes.ts</code>.',
      'This page is <code>app/Views/home.eta</code>; its routes are in <code>config/routes.ts</code>.',
    )}</p>
  </footer>
</body>
</html>
`;

const home = (say: Say): string => `<% layout('layouts/main', { title: '${say('Bienvenue', 'Welcome')}' }) %>
<h1>${say('Votre application répond', 'Your application answers')}</h1>
<p class="count">
  <span>${say('Visite numéro', 'Visit number')}</span>
  <strong><%= it.visits %></strong>
</p>
<p>${say(
  'Rechargez la page : la session se souvient. Ouvrez-la dans une fenêtre privée : c’est un autre visiteur.',
  'Reload the page: the session remembers. Open it in a private window: that is another visitor.',
)}</p>
<form method="post" action="<%= route('home.reset') %>">
  <%~ csrf_field() %>
  <button>${say('Remettre à zéro', 'Reset the counter')}</button>
</form>
`;
