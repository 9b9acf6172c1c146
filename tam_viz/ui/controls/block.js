/* Marks the parts of the block that a step of the lesson is about. */

export default function ({ parentElement, data }) {
  const block = parentElement.querySelector(".block");
  block.setAttribute("aria-label", data.text);
  for (const part of block.querySelectorAll("[data-part]")) {
    part.classList.toggle("is-here", data.parts.includes(part.dataset.part));
  }
  const mark = document.createElement("b");
  mark.textContent = "You are here: ";
  block.querySelector(".here").replaceChildren(mark, data.here);
}
