// Says in words what the ticket's own animation shows, and what it means for the basket when the time is over.
const ticket = document.querySelector('.ticket');
const words = ticket.querySelector('[data-words]');
const over = document.querySelector('[data-over]');
const end = performance.now() + Number(ticket.dataset.left) * 1000;

const timer = setInterval(tick, 250);
tick();

function tick() {
  const left = Math.ceil((end - performance.now()) / 1000);
  if (left > 0) {
    words.textContent = `Il reste ${left}\u00a0${left < 2 ? 'seconde' : 'secondes'}.`;
    return;
  }
  clearInterval(timer);
  words.textContent = 'Le temps est écoulé.';
  for (const row of document.querySelectorAll('[data-reduction]')) row.closest('tr').classList.add('over');
  for (const total of document.querySelectorAll('[data-total]')) total.textContent = total.dataset.total;
  over.textContent = 'Le code a expiré\u00a0: la session l’a oublié, et votre panier est revenu à son prix.';
}
