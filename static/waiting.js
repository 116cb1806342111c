// Who sends a form, or follows a link that looks like a button, waits for the next page. From the first second on the
// button says that the program is at work, and cannot be pressed twice. Without this script the browser's own sign says so.
const words = document.createElement('p');
words.className = 'unseen';
words.setAttribute('role', 'status');
document.querySelector('main').append(words);
let pressed;
let timer;
const rest = () => {
  clearTimeout(timer);
  pressed?.removeAttribute('aria-busy');
  words.textContent = '';
};
const wait = (button) => {
  rest();
  pressed = button;
  timer = setTimeout(() => {
    button.setAttribute('aria-busy', 'true');
    words.textContent = 'Headroom is working on it.';
  }, 1000);
};
addEventListener('submit', (event) => {
  if (!event.defaultPrevented && event.submitter) wait(event.submitter);
});
addEventListener('click', (event) => {
  const link = event.target.closest('a[role=button]');
  const opensHere = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (link && opensHere && !event.defaultPrevented && !link.hasAttribute('download')) wait(link);
});
// nobody waits any more: the page before is back, or loading was stopped
addEventListener('pageshow', rest);
addEventListener('keydown', (event) => event.key === 'Escape' && rest());
