// Sends the requests of the parallel page and shows what the server says became of them.
const WRITES = 20;

const form = document.querySelector('#essai');
const button = form.querySelector('button');
const progress = form.querySelector('progress');
const announce = document.querySelector('#annonce');
const report = document.querySelector('#bilan');
const token = form.elements.namedItem('_token').value;

form.hidden = false;
form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (button.getAttribute('aria-disabled') !== 'true') void run();
});

async function run() {
  busy(true);
  announce.textContent = '';
  try {
    const { cle } = await (await send(form.action)).json();
    await all((number) => `${form.action}/session/${number}`);
    await all((number) => `${form.action}/memoire/${cle}/${number}`);
    report.innerHTML = await (await send(`${form.action}/bilan`, 'GET')).text();
    const { kept, memory, writes } = report.firstElementChild.dataset;
    announce.textContent = `La session a gardé ${kept} écritures sur ${writes}\u202f; la mémoire sans verrou, ${memory}.`;
    button.textContent = 'Recommencer';
  } catch (error) {
    announce.textContent =
      error.status === 419
        ? 'Votre session a changé depuis l’ouverture de cette page. Rechargez-la et recommencez.'
        : 'L’essai n’est pas allé au bout\u00a0: le serveur n’a pas répondu à toutes les requêtes.';
  } finally {
    busy(false);
  }
}

/** Twenty requests at once; the browser itself sends six at a time. */
function all(addressOf) {
  const numbers = Array.from({ length: WRITES }, (_, at) => at + 1);
  return Promise.all(
    numbers.map(async (number) => {
      await send(addressOf(number));
      progress.value += 1;
    }),
  );
}

async function send(address, method = 'POST') {
  const headers = { 'X-CSRF-TOKEN': token, 'X-Requested-With': 'XMLHttpRequest', Accept: 'text/html, */*' };
  const response = await fetch(address, { method, headers });
  if (!response.ok) throw Object.assign(new Error(response.statusText), { status: response.status });
  return response;
}

function busy(is) {
  button.setAttribute('aria-disabled', String(is));
  progress.hidden = !is;
  progress.value = 0;
  report.setAttribute('aria-busy', String(is));
}
