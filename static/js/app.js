// What makes the pages quicker and kinder where JavaScript is on. Nothing depends on it.

const toast = document.getElementById("toast");
const alarm = document.getElementById("alert");
const parent = (event, selector) => event.target.closest?.(selector);

// ---- notices: live regions that stand in the page from the start, empty

function say(region, text, label, act) {
  region.replaceChildren(text);
  if (!act) return;
  const button = document.createElement("button");
  button.className = "button";
  button.textContent = label;
  button.addEventListener("click", act);
  region.append(button);
}

// The server says something with the header HX-Trigger: {"toast": {"text": "…"}}.
document.addEventListener("toast", (event) => say(toast, event.detail.text));

// ---- sending: the button tells it and keeps the focus, a second click is not sent

function busy(form, pressed) {
  form.setAttribute("aria-busy", "true");
  const button = pressed ?? form.querySelector("button:not([type=button])");
  const words = button?.querySelector("span");
  const text = button?.dataset.busy ?? form.dataset.busy;
  if (!words || !text) return;
  words.dataset.text ??= words.textContent;
  words.textContent = text;
}

function rest(form) {
  form.removeAttribute("aria-busy");
  for (const words of form.querySelectorAll("[data-text]:not([data-caps])")) {
    words.textContent = words.dataset.text;
    delete words.dataset.text;
  }
}

// Forms without htmx leave the page, or get a file; a form with htmx gets its own events below.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[hx-post],[hx-get],[data-download]")) return;
  if (form.getAttribute("aria-busy") === "true") event.preventDefault();
  else busy(form, event.submitter);
});

document.addEventListener("htmx:before:request", (event) => {
  say(alarm, "");
  const form = parent(event, "form");
  if (form) busy(form, event.detail.ctx?.request?.submitter);
});

document.addEventListener("htmx:finally:request", (event) => {
  const form = parent(event, "form");
  if (form) rest(form);
});

// ---- trouble: what was typed stays, the alert says what to do

document.addEventListener("htmx:error", (event) => {
  const { error } = event.detail;
  if (error instanceof TypeError || error?.name === "AbortError") say(alarm, alarm.dataset.lost);
});

document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx?.response?.status < 500) return;
  event.preventDefault();
  say(alarm, alarm.dataset.down);
});

// ---- after a swap the focus goes to the error summary, else to the heading, as on a new page

document.addEventListener("htmx:after:swap", (event) => {
  const main = document.getElementById("main");
  if (event.detail.ctx?.target !== main) return;
  prepare(main);
  const aim = main.querySelector("[autofocus]") ?? main.querySelector("h1") ?? main;
  if (!aim.hasAttribute("tabindex") && !aim.matches("input,select,textarea,button,a")) {
    aim.tabIndex = -1;
  }
  scrollTo(0, 0);
  aim.focus({ preventScroll: true });
  aim.scrollIntoView({ block: "nearest" });
});

// ---- passwords: a button that shows them, a word about Caps Lock

function prepare(root) {
  for (const button of root.querySelectorAll("[data-reveal]")) button.hidden = false;
}
prepare(document);

function reveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const { hide, hideLabel } = button.dataset;
  const label = button.ariaLabel;
  Object.assign(button.dataset, { hide: button.textContent, hideLabel: label });
  button.textContent = hide;
  button.setAttribute("aria-label", hideLabel);
  input.type = input.type === "password" ? "text" : "password";
}

document.addEventListener("keyup", (event) => {
  const note = document.querySelector(`[data-caps="${event.target.id ?? ""}"]`);
  if (note && event.getModifierState) {
    note.textContent = event.getModifierState("CapsLock") ? note.dataset.text : "";
  }
});

// A login may be Cyrillic: a hint, no correction.
function hint(note) {
  const { value } = document.getElementById(note.dataset.layout);
  note.textContent = /\p{Script=Cyrillic}/u.test(value) ? note.dataset.text : "";
}

document.querySelectorAll("[data-layout]").forEach(hint);
document.addEventListener("input", (event) => {
  document.querySelectorAll(`[data-layout="${event.target.id ?? ""}"]`).forEach(hint);
});

// ---- passkeys: signing in, confirming, making one; without them the button stays hidden

const api = self.PublicKeyCredential;
const box = document.querySelector("[data-passkey]");
const words = box?.dataset;
const makes = words?.passkey === "make";
let waiting;

function tell(error) {
  // A page instead of an answer: the proof is too old, and the page knows where to go.
  if (error instanceof SyntaxError) location.reload();
  const reasons = { InvalidStateError: words.exists, SecurityError: words.elsewhere };
  const text = error instanceof Error ? (reasons[error.name] ?? words.failed) : error.message;
  box.querySelector("[role=status]").textContent = text;
}

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "X-CSRFToken": document.querySelector("[name=csrf_token]").value },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw said;
  return said;
}

async function hand(credential, rpId) {
  const next = document.querySelector("[name=next]")?.value;
  try {
    location.assign((await post(words.verify, { credential, next })).go);
  } catch (error) {
    // What the server has refused for good the browser need not offer again.
    if (error.unknown || (makes && !(error instanceof Error))) {
      api.signalUnknownCredential?.({ rpId, credentialId: credential.id }).catch(() => {});
    }
    throw error;
  }
}

async function make(options) {
  const publicKey = api.parseCreationOptionsFromJSON(options);
  await hand(await navigator.credentials.create({ publicKey }), options.rp.id);
}

async function use(mediation) {
  waiting?.abort();
  const { signal } = (waiting = new AbortController());
  const options = await post(words.options);
  if (makes) return make(options);
  const publicKey = api.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey, mediation, signal });
  await hand(credential, options.rpId).catch((error) => {
    tell(error);
    suggest();
  });
}

// The browser offers passkeys among the logins that it fills in.
async function suggest() {
  if (words.passkey === "login" && (await api.isConditionalMediationAvailable?.())) {
    use("conditional").catch(() => {});
  }
}

async function start() {
  if (box.ariaBusy) return;
  box.ariaBusy = "true";
  await use().catch((error) => {
    tell(error);
    suggest();
  });
  box.ariaBusy = null;
}

if (box && api?.parseRequestOptionsFromJSON && api.prototype.toJSON) {
  const button = box.querySelector("button");
  button.hidden = false;
  box.querySelector("[data-without]")?.remove();
  button.addEventListener("click", start);
  if (words.accepted) api.signalAllAcceptedCredentials?.(JSON.parse(words.accepted)).catch(() => {});
  suggest();
}

// ---- menus close when the person goes elsewhere

function close(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  close(parent(event, "details[data-menu]"));
  const button = parent(event, "[data-reveal]");
  if (button) reveal(button);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = parent(event, "details[data-menu][open]");
  close();
  menu?.querySelector("summary").focus();
});

// ---- a page taken from the browser's memory: the person may have logged out since

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  if (document.body.hasAttribute("data-private")) location.reload();
  else document.querySelectorAll("form[aria-busy]").forEach(rest);
});

// ---- the service worker; a new version takes over only when the person asks for it

const WORKER = "/sw.js";

function workerAddress() {
  const policy = self.trustedTypes?.createPolicy("app", {
    createScriptURL(url) {
      if (url !== WORKER) throw new TypeError("only the service worker");
      return url;
    },
  });
  return policy ? policy.createScriptURL(WORKER) : WORKER;
}

function offer(worker) {
  let agreed = false;
  say(toast, toast.dataset.update, toast.dataset.reload, () => {
    agreed = true;
    worker.postMessage("take-over");
  });
  // Not on every change of the worker: a reload would cut off a logout that wipes the storage.
  navigator.serviceWorker.addEventListener("controllerchange", () => agreed && location.reload());
}

async function keepWorker() {
  const registration = await navigator.serviceWorker.register(workerAddress(), {
    scope: "/",
    updateViaCache: "none",
  });
  const replaces = () => navigator.serviceWorker.controller !== null;
  if (registration.waiting && replaces()) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker.addEventListener("statechange", () => {
      if (worker.state === "installed" && replaces()) offer(worker);
    });
  });
}

// Not before the page is there: on a slow line it would take the line away from the page.
function afterLoad() {
  keepWorker().catch((error) => console.warn("no service worker:", error));
}
if (navigator.serviceWorker) {
  if (document.readyState === "complete") afterLoad();
  else addEventListener("load", afterLoad);
}
