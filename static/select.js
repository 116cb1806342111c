// Ticking rows: the box in the heading ticks the page and is mixed when some are ticked, and the
// number of ticked rows follows. Without this script each row is ticked by itself and the number
// is counted by the next page.
for (const form of document.querySelectorAll('form[data-select]')) {
  const all = form.querySelector('[data-select-page]');
  const boxes = [...form.querySelectorAll('tbody input[type=checkbox][name=ids]')];
  const count = form.querySelector('[data-select-count]');
  if (!all || boxes.length === 0) continue;
  const elsewhere = form.querySelectorAll('input[type=hidden][name=ids]').length;
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    if (count) count.textContent = (ticked + elsewhere).toLocaleString('en-GB');
    form.toggleAttribute('data-selected', ticked + elsewhere > 0);
  };
  // where all that match are selected, no row can be left out
  if (boxes.every((box) => box.disabled)) {
    all.checked = all.disabled = true;
    all.hidden = false;
    continue;
  }
  all.hidden = false;
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  form.addEventListener('change', (event) => event.target !== all && show());
  window.addEventListener('pageshow', show);
  // what is ticked stays so when the page is sorted, as it does when pages are turned
  for (const link of form.querySelectorAll('thead a')) {
    link.addEventListener('click', () => {
      const address = new URL(link.href);
      address.searchParams.delete('ids');
      for (const box of form.querySelectorAll('input[name=ids]')) {
        if (box.type === 'hidden' || (box.checked && !box.disabled)) address.searchParams.append('ids', box.value);
      }
      link.href = address;
    });
  }
  show();
}
