// What makes the desk quicker; every step of it works without. No library, no other host.

const form = document.getElementById("editor");
const $ = (id) => document.getElementById(id);
const WAIT = 1500;

// The time zone of whoever sets a time.
for (const select of document.querySelectorAll("[data-offset]")) {
  const minutes = String(-new Date().getTimezoneOffset());
  if (select.value === "0" && [...select.options].some((each) => each.value === minutes)) select.value = minutes;
}

// A second click on the way does nothing; the form itself is only good for once anyway.
for (const each of document.querySelectorAll("form[method=post]")) {
  let sent = false;
  each.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    setTimeout(() => { sent = false; }, 4000);
  });
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// What was sent and saved is no more to be kept in this browser.
const SENT = "desk:sent";
const done = document.querySelector("[data-done]");
try {
  if (done?.dataset.done && sessionStorage.getItem(SENT)) {
    localStorage.removeItem(sessionStorage.getItem(SENT));
    sessionStorage.removeItem(SENT);
  }
} catch { /* not allowed */ }

if (form) edit();

function edit() {
  const told = form.dataset;
  const user = document.querySelector("main").dataset.user;
  const key = `desk:${user}:${told.key}`;
  const status = $("kept");
  let waiting = 0, serial = 0, safe = 0, leaving = false;

  const fields = () => new URLSearchParams(new FormData(form));
  const content = (values) => [...values].filter(([name, value]) => value && /^(kind|original_language|countries|topics)$|^(editions|dates|source|policy)\./.test(name)).map(([name, value]) => [name, value.replace(/\r\n/g, "\n").trim()]).sort().join("\0");
  const tell = (text, link) => {
    status.replaceChildren(text);
    if (link) {
      const enter = document.createElement("a");
      enter.href = "/desk/sign-in?next=/";
      enter.target = "_blank";
      enter.rel = "noopener";
      enter.append(told.enter);
      status.append(" ", enter);
    }
  };

  // Everything typed stands in this browser until the platform has it.
  const remember = () => {
    const text = fields();
    text.delete("token");
    text.delete("once");
    try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), revision: told.revision, text: text.toString() })); } catch { /* full, or not allowed: autosave still works */ }
  };
  const forget = () => { try { localStorage.removeItem(key); } catch { /* not allowed */ } };
  const remembered = () => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };

  async function send(path, values) {
    const ask = () => fetch(path, { method: "POST", body: values, headers: { Accept: "application/json" } });
    let answer = await ask();
    if (answer.status === 403 && (await renew())) {
      values.set("token", form.elements.token.value);
      answer = await ask();
    }
    return answer;
  }
  async function renew() {
    const answer = await fetch("/desk/session", { headers: { Accept: "application/json" } });
    if (!answer.ok) return false;
    const found = await answer.json();
    if (String(found.user) !== user) return false;
    for (const each of document.getElementsByName("token")) each.value = found.token;
    return true;
  }

  async function save() {
    const number = serial;
    tell(told.saving);
    try {
      const answer = await send(`/desk/records/${told.key}/autosave`, fields());
      if (answer.status === 401 || answer.status === 403) { tell(told.over, true); again(); return; }
      if (!answer.ok) { tell(told.away); again(); return; }
      const found = await answer.json();
      safe = number;
      if (serial === number) forget();
      const newer = found.revision && String(found.revision) !== told.revision ? ` ${told.newer}` : "";
      tell(`${told.kept} ${new Date(found.saved_at).toLocaleTimeString(document.documentElement.lang)}.${newer}`);
      $("presence").textContent = found.others.map((each) => `${each.name}: ${told.editing}`).join(" · ");
    } catch { tell(told.away); again(); }
  }
  const again = () => { clearTimeout(waiting); waiting = setTimeout(save, 8000); };

  form.addEventListener("input", () => {
    serial += 1;
    remember();
    clearTimeout(waiting);
    waiting = setTimeout(save, WAIT);
  });
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(waiting);
    remember();
    try { sessionStorage.setItem(SENT, key); } catch { /* not allowed */ }
  });
  addEventListener("focus", () => { if (serial !== safe) save(); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || leaving || serial === safe) return;
    navigator.sendBeacon(`/desk/records/${told.key}/autosave`, fields());
  });
  addEventListener("beforeunload", (event) => { if (!leaving && serial !== safe) event.preventDefault(); });

  // What the platform never received is offered once more.
  const lost = remembered();
  const offer = $("local");
  if (lost && !told.received && content(new URLSearchParams(lost.text)) !== content(fields())) {
    offer.hidden = false;
    offer.querySelector("[data-restore]").addEventListener("click", () => {
      fill(new URLSearchParams(lost.text));
      offer.hidden = true;
      serial += 1;
      save();
    });
    offer.querySelector("[data-forget]").addEventListener("click", () => { forget(); offer.hidden = true; });
  } else if (lost) forget();

  function fill(values) {
    for (const name of new Set(values.keys())) {
      const every = values.getAll(name);
      const places = [...document.getElementsByName(name)].filter((each) => form.contains(each));
      every.forEach((value, index) => {
        let place = places[index];
        if (!place) {
          place = document.createElement("textarea");
          place.hidden = true;
          place.name = name;
          form.append(place);
        }
        if (place.type !== "checkbox" && place.type !== "radio" && place.tagName !== "BUTTON") place.value = value;
      });
    }
  }

  // Lists grow as one types.
  for (const several of form.querySelectorAll("[data-several]")) {
    several.addEventListener("input", () => {
      const inputs = several.querySelectorAll("input");
      const last = inputs[inputs.length - 1];
      if (!last.value) return;
      const fresh = last.cloneNode();
      fresh.value = "";
      fresh.removeAttribute("aria-invalid");
      fresh.setAttribute("aria-label", last.getAttribute("aria-label").replace(/\d+$/, inputs.length + 1));
      last.after(fresh);
    });
  }

  // Sentences are counted as one types, by the same rules as the platform counts them.
  const count = (area) => {
    const language = area.closest("[data-language]").dataset.language;
    const place = form.querySelector(`[data-sentences="${language}"]`);
    const side = area.closest("[data-language]");
    const texts = [...side.querySelectorAll(".field textarea")].map((each) => each.value);
    const sentences = new Intl.Segmenter(language, { granularity: "sentence" });
    place.textContent = [...sentences.segment(texts.join("\n"))].filter((each) => /[\p{L}\p{N}]/u.test(each.segment)).length;
  };

  for (const area of form.querySelectorAll("[data-markdown]")) {
    let timer;
    area.addEventListener("input", () => {
      if (Intl.Segmenter && area.value.length < 200_000) count(area);
      const place = form.querySelector(`[data-preview="${area.lang}"]`);
      if (!place.hidden) { clearTimeout(timer); timer = setTimeout(() => preview(area), 500); }
    });
    area.addEventListener("paste", (event) => paste(event, area));
  }

  async function preview(area) {
    const place = form.querySelector(`[data-preview="${area.lang}"]`);
    const answer = await send("/desk/preview", new URLSearchParams({ token: form.elements.token.value, text: area.value, language: area.lang }));
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString((await answer.json()).html, "text/html");
    place.replaceChildren(...page.body.childNodes);
    place.classList.add("body");
    place.hidden = false;
  }
  form.querySelector('button[value="preview"]').addEventListener("click", (event) => {
    event.preventDefault();
    for (const each of form.querySelectorAll(".preview:not([data-preview])")) each.remove();
    Promise.all([...form.querySelectorAll("[data-markdown]")].map(preview)).then(() => form.querySelector("[data-preview]:not([hidden])")?.scrollIntoView({ block: "nearest" })).catch(() => tell(told.away));
  });

  // What comes from a word processor or a web page is made Markdown; plain text stays as it is.
  async function paste(event, area) {
    const html = event.clipboardData?.getData("text/html");
    if (!html) return;
    event.preventDefault();
    const plain = event.clipboardData.getData("text/plain");
    const from = area.selectionStart, to = area.selectionEnd;
    const small = html.replace(/data:[a-z]+\/[a-z0-9.+-]+;base64,[a-z0-9+/=\s]*/gi, "data:");
    let text = plain;
    try {
      const answer = await send("/desk/clean", new URLSearchParams({ token: form.elements.token.value, html: small }));
      if (answer.ok) {
        const found = await answer.json();
        text = found.markdown;
        if (found.pictures) tell(told.dropped);
      } else if (answer.status === 413) { text = ""; tell(told.toolong); }
    } catch { /* away: the plain text will do */ }
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Ctrl+S keeps the draft of what is typed.
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); remember(); save(); }
  });
}
