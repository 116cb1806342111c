// A date that does not exist, such as 31 February, is sent as if the field were empty, which on many forms means "no end". So a form
// with one is not sent, and the browser says what is wrong. Without this script it is sent, and only the next page
// shows that the date is gone.
addEventListener('submit', (event) => {
  const wrong = [...event.target.elements].find((field) => field.validity?.badInput);
  if (wrong) {
    event.preventDefault();
    wrong.reportValidity();
  }
}, true);
