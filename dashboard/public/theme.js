// Blocking on purpose: the first paint has the right colours. A file, because the page's policy allows no inline script.
document.documentElement.dataset.theme =
  localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
