// The pages work without this. It adds: a warning where a page was opened under an address that its
// forms are not taken from, copying a value with one click, and a line that says what a key will be
// able to do, in step with its form.
"use strict";

const address = document.querySelector("[data-origins]");
if (address && !address.dataset.origins.split(" ").includes(location.origin)) address.hidden = false;

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      // Not allowed to: the value is selected, so that one key copies it.
      getSelection().selectAllChildren(source);
      return;
    }
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

const preview = document.getElementById("preview");
if (preview && preview.form) {
  const form = preview.form;
  const date = form.elements.expiry_date;
  const say = () => {
    const ticked = form.querySelectorAll("input[data-deed]:checked");
    const deeds = Array.from(ticked, (input) => input.dataset.deed);
    const what = deeds.length ? deeds.join(", ") : preview.dataset.nothing;
    const chosen = form.querySelector("input[name=expiry]:checked");
    const until = chosen && chosen.value === "date" ? `${date.value || "…"} 24:00 UTC` : chosen && chosen.dataset.until;
    const sentence = until ? preview.dataset.until.replace("{until}", () => until) : preview.dataset.never;
    preview.textContent = sentence.replace("{what}", () => what);
  };
  date.addEventListener("input", () => {
    form.querySelector("input[name=expiry][value=date]").checked = true;
    say();
  });
  form.addEventListener("change", say);
  say();
}
