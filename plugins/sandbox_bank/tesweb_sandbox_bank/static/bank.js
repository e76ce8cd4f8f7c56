// What the pages do more with a script: the brand while the number is typed, and a look at whether an
// SBP payment has come. Everything works without it.
const BRANDS = [[2200, 2204, "Mir"], [2221, 2720, "MasterCard"], [4000, 4999, "Visa"], [5100, 5599, "MasterCard"]];

const number = document.querySelector("#number");
if (number) {
  const words = document.querySelector("#brand-words").content.textContent;
  const told = document.querySelector("#brand");
  const show = () => {
    const start = number.value.replace(/\D/g, "").slice(0, 4);
    const found = start.length === 4 && BRANDS.find(([low, high]) => low <= start && start <= high);
    let title = "";
    for (const tag of document.querySelectorAll("[data-brand]")) {
      tag.toggleAttribute("data-on", Boolean(found) && tag.dataset.brand === found[2]);
      if (tag.hasAttribute("data-on")) title = tag.textContent;
    }
    const text = title && words.replace("…", title);
    if (told.textContent !== text) told.textContent = text;
  };
  number.addEventListener("input", show);
  show();
}

// A second click sends nothing.
for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", event => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => { sent = false; });
}

const watched = document.querySelector("[data-watch]");
if (watched) {
  const look = async () => {
    try {
      const answer = await fetch(watched.dataset.watch);
      const { status } = await answer.json();
      if (status !== "pending") location.assign(watched.dataset.then);
    } catch { /* the bank is away for a moment */ }
  };
  setInterval(look, 2000);
}
