// Choosing students: one box ticks the whole page, and the bar says how many are ticked.

const form = document.querySelector("[data-roster]");
const bar = form?.querySelector("[data-roster-acts]");

if (bar) {
  const boxes = [...form.querySelectorAll('input[name="student"]')];
  const everybody = form.querySelector('input[name="everybody"]');
  const page = form.querySelector("[data-roster-page]");
  const count = form.querySelector("[data-roster-count]");
  const head = form.querySelector("[data-roster-page-label]");

  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    count.textContent = everybody?.checked ? "" : count.dataset.words.replace("0", ticked);
    page.checked = ticked === boxes.length;
    page.indeterminate = ticked > 0 && ticked < boxes.length;
  };

  head.hidden = false;
  count.hidden = false;
  page.addEventListener("change", () => {
    boxes.forEach((box) => {
      box.checked = page.checked;
    });
    show();
  });
  form.addEventListener("change", show);
  show();
}
