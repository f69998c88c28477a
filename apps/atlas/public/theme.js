// Runs before the first paint, so that a remembered theme does not flash. A file of its own: the policy forbids inline scripts.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("atlas.theme");
  } catch {}
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
