// What makes pages quicker; every page works without. No library, no other host.

// Completions under a search box: an ARIA combobox (WAI-ARIA Authoring Practices, "list autocomplete").
const WAIT = 120;

function complete(input) {
  const form = input.form;
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.role = "listbox";
  list.id = `${input.id}-list`;
  list.hidden = true;
  form.append(list);
  input.role = "combobox";
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  let timer, asking, chosen = -1;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (index) => {
    const items = [...list.children];
    chosen = (index + items.length) % items.length;
    items.forEach((item, place) => item.setAttribute("aria-selected", place === chosen));
    input.setAttribute("aria-activedescendant", items[chosen].id);
  };
  const take = (item) => {
    close();
    if (item.dataset.href) location.assign(item.dataset.href);
    else { input.value = item.dataset.text; form.requestSubmit(); }
  };
  const show = (items) => {
    list.replaceChildren(...items.map((each, place) => {
      const item = document.createElement("li");
      item.role = "option";
      item.id = `${list.id}-${place}`;
      item.dataset.text = each.text;
      if (each.href) item.dataset.href = each.href;
      item.setAttribute("aria-selected", "false");
      item.append(each.text);
      if (each.note) {
        const note = document.createElement("span");
        note.className = "quiet";
        note.append(each.note);
        item.append(note);
      }
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(item); });
      return item;
    }));
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(items.length > 0));
    chosen = -1;
  };
  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const text = input.value.trim();
    if (!text) { close(); return; }
    try {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: asking.signal });
      if (answer.ok && document.activeElement === input) show((await answer.json()).items);
    } catch { /* away, or asked again: the box itself still works */ }
  };
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) take(list.children[chosen]);
    else return;
    event.preventDefault();
  });
}

// Lists that change in place, as one types or chooses: the page is fetched and its parts are swapped.
const PAUSE = 250;
let newest = 0;

async function swap(address) {
  const mine = ++newest;
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== newest) return;
  const fresh = page.querySelector(".finding");
  if (!answer.ok || !fresh) { location.assign(address); return; }
  const shown = document.querySelector(".finding");
  const open = new Set([...shown.querySelectorAll("details[open]")].map((each) => each.dataset.part));
  const key = shown.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  for (const name of [".narrow", ".found", ".held"]) {
    const [stale, part] = [shown.querySelector(name), fresh.querySelector(name)];
    if (stale && part) stale.replaceChildren(...part.childNodes);
    else if (!stale !== !part) { location.assign(address); return; }
  }
  shown.querySelectorAll("details[data-part]").forEach((each) => { each.open = open.has(each.dataset.part); });
  if (key) (shown.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? shown.querySelector("#found")).focus({ preventScroll: true });
  document.title = page.title;
  for (const name of [".tongues a", "link[rel=alternate]", "link[rel=canonical]", ".bottom nav a"]) {
    const others = page.querySelectorAll(name);
    document.querySelectorAll(name).forEach((link, place) => { if (others[place]) link.href = others[place].getAttribute("href"); });
  }
  document.getElementById("told").textContent = shown.querySelector(".sum")?.textContent ?? "";
}

function go(address, remember = true) {
  if (remember) history.pushState({}, "", address);
  else history.replaceState({}, "", address);
  return swap(address).catch(() => location.assign(address));
}

function asked(form) {
  const pairs = [...new FormData(form)].filter(([, value]) => value);
  const query = new URLSearchParams(pairs).toString();
  return form.action.split("?")[0] + (query ? `?${query}` : "");
}

function live(form) {
  const input = form.querySelector("input[type=search]");
  let timer, composing = false, began = false;
  const ask = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (composing || asked(form) === location.href) return;
      go(asked(form), !began);
      began = true;
    }, PAUSE);
  };
  // What is composed from keys, as Chinese is, is asked when it is written.
  input.addEventListener("compositionstart", () => { composing = true; });
  input.addEventListener("compositionend", () => { composing = false; ask(); });
  input.addEventListener("input", ask);
  input.addEventListener("blur", () => { began = false; });
  form.addEventListener("submit", () => clearTimeout(timer));
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches(".finding form")) return;
  event.preventDefault();
  go(asked(event.target));
});
document.addEventListener("click", (event) => {
  const link = event.target.closest(".finding a.choice, .finding .chosen a, .finding .sorts a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(link.href);
});
addEventListener("popstate", () => {
  const input = document.querySelector(".finding [data-live] input[type=search]");
  if (!input) return;
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  swap(location.href).catch(() => location.reload());
});

// What refreshes itself, as long as somebody looks.
function refresh(part) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = answer.ok && page.getElementById(part.id);
      if (!fresh || part.contains(document.activeElement)) return;
      const places = [...part.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
      part.replaceChildren(...fresh.childNodes);
      part.querySelectorAll(".scroll").forEach((each, place) => { each.scrollLeft = places[place]; });
    } catch { /* away: the next time, perhaps */ }
  }, Number(part.dataset.refresh) * 1000);
}

function prepare(root) {
  root.querySelectorAll("[data-suggest]").forEach(complete);
  root.querySelectorAll("[data-live]").forEach(live);
  root.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });
  root.querySelectorAll("[data-copy-from]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(document.querySelector(button.dataset.copyFrom).textContent));
  });
}

prepare(document);
document.querySelectorAll("[data-refresh]").forEach(refresh);
