/*
  A checklist that keeps itself: every tick is sent at once. Without this module the same form has a button.

    <form data-checklist method="post" action="..."> ... <button type="submit"> ... </form>

  A tick that could not be sent brings the button back, so that nobody believes it is kept.
*/
const form = () => document.querySelector("form[data-checklist]");

async function keep(sent) {
  try {
    const answer = await fetch(sent.action, { method: "POST", body: new URLSearchParams(new FormData(sent)) });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-checklist]");
    if (!fresh) throw new Error("gone");
    sent.elements._key.value = fresh.elements._key.value;
    document.documentElement.dataset.kept = "";
  } catch {
    delete document.documentElement.dataset.kept;
  }
}

document.addEventListener("change", ({ target }) => {
  if (target.form === form() && form()) keep(target.form);
});
document.documentElement.dataset.kept = "";
