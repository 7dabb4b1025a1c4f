// The print button of a report that was made in the browser; a saved report has no button, as this is not there.

const button = document.querySelector('button.print');
button.hidden = false;
button.addEventListener('click', () => window.print());
