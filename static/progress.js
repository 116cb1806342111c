// The progress of a job, kept up to date; when it is over, the page that it leads to. Without this
// script there is a link that refreshes.
const watched = document.querySelector('[data-progress]');
if (watched) {
  const address = watched.dataset.progress;
  const look = async () => {
    try {
      const response = await fetch(address);
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      const bar = page.querySelector('[data-progress] progress');
      if (response.redirected || !bar) {
        location.replace(response.url);
        return;
      }
      const own = watched.querySelector('progress');
      own.max = bar.max;
      // without a value only the end can be told
      if (bar.hasAttribute('value')) own.value = bar.value;
      else own.removeAttribute('value');
      watched.querySelector('label').textContent = page.querySelector('[data-progress] label').textContent;
    } catch {
      // the server may be away for a moment
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}
