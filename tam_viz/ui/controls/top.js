/* Brings the top of the page into sight when the step changes, and lets the keyboard scroll the
   page as soon as it is there. */

const last = new WeakMap();

export default function ({ parentElement, data }) {
  const main = parentElement.closest('[data-testid="stMain"]');
  if (!main) return;
  if ([document.body, main].includes(document.activeElement)) {
    main.classList.add("scrolls");
    main.addEventListener("blur", () => main.classList.remove("scrolls"), { once: true });
    main.focus({ preventScroll: true });
  }
  if (last.has(main) && last.get(main) !== data.step) main.scrollTo({ top: 0 });
  last.set(main, data.step);
}
