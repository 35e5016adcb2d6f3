// Sends what was chosen, and lays what the server answers into the page. The server makes all markup, and shows what
// stands in a table as text; nothing else is written here, but for texts set as `textContent`.
"use strict";

const { base, largest } = document.body.dataset;
const part = (id) => document.getElementById(id);
const EVERY = 700; // milliseconds between two looks at how far a report is
const PATIENCE_BEFORE_A_WORD = 400;
const latest = {}; // part of the page -> number of the last question about it
let watched = "";

function say(text) {
  part("status").textContent = text;
}

function token() {
  return new FormData(part("token")).get("_xsrf") || "";
}

async function ask(address, options = {}) {
  const answer = await fetch(`${base}form/${address}`, {
    ...options,
    headers: { "X-XSRFToken": token() },
    credentials: "same-origin",
  });
  if (!answer.ok) throw new Error(answer.status === 403 ? "The page is too old. Load it again." : `The server answered ${answer.status}.`);
  return answer.text();
}

// An answer that comes after a later question is left aside.
async function replace(id, address, body, waiting) {
  const mine = (latest[id] = (latest[id] ?? 0) + 1);
  const focused = document.activeElement?.id;
  const slow = setTimeout(() => say(waiting), PATIENCE_BEFORE_A_WORD);
  document.body.classList.add("busy");
  try {
    const text = await ask(address, { method: "POST", body });
    if (mine !== latest[id]) return;
    part(id).innerHTML = text;
    if (focused && document.activeElement?.id !== focused) part(focused)?.focus();
    say("");
  } catch (error) {
    if (mine === latest[id]) say(`This did not work. ${error.message} Does the window in which the form was started still run?`);
  } finally {
    clearTimeout(slow);
    if (mine === latest[id]) document.body.classList.remove("busy");
  }
}

async function send(file) {
  if (!file) return;
  part("report").replaceChildren();
  if (file.size > Number(largest)) {
    part("table").replaceChildren();
    say(`${file.name} holds ${Math.ceil(file.size / 1e6)} MB; here, a table may have ${Math.round(largest / 1e6)} MB. Use make report, which has no such limit.`);
    return;
  }
  const body = new FormData();
  body.append("file", file);
  watched = "";
  await replace("table", "table", body, "The table is being read …");
}

async function watch() {
  const key = part("running")?.dataset.key;
  if (!key) return;
  watched = key;
  while (watched === key) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    if (watched !== key) return;
    try {
      const text = await ask(`run?key=${encodeURIComponent(key)}`);
      if (watched !== key) return;
      part("report").innerHTML = text;
    } catch (error) {
      say(`This did not work. ${error.message}`);
      return;
    }
    if (!part("running")) break;
  }
  watched = "";
  part("made")?.focus();
}

part("file").addEventListener("change", (event) => send(event.target.files[0]));

for (const [kind, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  part("drop").addEventListener(kind, (event) => {
    event.preventDefault();
    part("drop").classList.toggle("over", over);
    if (kind === "drop") send(event.dataTransfer.files[0]);
  });
}
// A file that misses the field would else be opened in the place of the form.
for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());

document.addEventListener("submit", (event) => event.preventDefault());

document.addEventListener("change", (event) => {
  const answers = event.target.closest("#answers");
  if (!answers) return;
  const body = new FormData(answers);
  if (part("run")) part("run").disabled = true; // until the page shows the model of these answers
  if ("reread" in event.target.dataset) replace("table", "table", body, "The table is being read …");
  else replace("design", "design", body, "One moment …");
});

document.addEventListener("click", async (event) => {
  if (event.target.id === "run") {
    event.target.disabled = true;
    await replace("report", "run", new FormData(part("answers")), "The report is being started …");
    if (part("run")) part("run").disabled = false;
    part("report").scrollIntoView({ block: "nearest" });
    watch();
  } else if (event.target.id === "stop") {
    event.target.disabled = true;
    await ask("run", { method: "DELETE" });
  }
});
