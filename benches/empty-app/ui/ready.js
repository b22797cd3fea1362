// Two frames after the script ran, the page has been painted once.
requestAnimationFrame(() => requestAnimationFrame(() => (document.title = "ready")));
