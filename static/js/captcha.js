// Works out the task of a captcha (ALTCHA's format) while the form is being filled in.
// A form that is sent earlier waits for it; one that is never solved offers another way.

const box = document.querySelector("[data-captcha]");
const form = box.closest("form");
const progress = box.querySelector("progress");
const word = box.querySelector("[role=status]");
const other = box.querySelector("button");
const field = box.querySelector("[name=altcha]");
//: A phone that needs longer than this is offered the digits.
const PATIENCE = 15000;
//: As many at once as the browser has threads for; more would only wait.
const ABREAST = Math.min(navigator.hardwareConcurrency || 2, 8);

let waiting; // the button that sent the form before the work was done

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hex = (found) => Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("");

async function key(parameters, counter) {
  const nonce = bytes(parameters.nonce);
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  new DataView(password.buffer).setUint32(nonce.length, counter);
  const raw = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(parameters.salt), iterations: parameters.cost };
  return hex(new Uint8Array(await crypto.subtle.deriveBits(how, raw, parameters.keyLength * 8)));
}

async function solve({ parameters }) {
  const most = Number(box.dataset.most);
  for (let first = 0; ; first += ABREAST) {
    const counters = Array.from({ length: ABREAST }, (_, place) => first + place);
    const keys = await Promise.all(counters.map((counter) => key(parameters, counter)));
    const place = keys.findIndex((found) => found.startsWith(parameters.keyPrefix));
    if (place >= 0) return { counter: first + place, derivedKey: keys[place] };
    progress.value = Math.min(99, (100 * first) / most);
  }
}

form.addEventListener("submit", (event) => {
  if (field.value || event.submitter === other) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  waiting = event.submitter ?? form.querySelector("button:not([type=button])");
  word.textContent = box.dataset.working;
}, true);

box.hidden = false;
const late = setTimeout(() => { other.hidden = false; }, PATIENCE);
try {
  const challenge = JSON.parse(box.dataset.captcha);
  const solution = await solve(challenge);
  field.value = btoa(JSON.stringify({ challenge, solution }));
  for (const done of [progress, other, box.querySelector("label")]) done.hidden = true;
  word.textContent = box.dataset.done;
  if (waiting) form.requestSubmit(waiting);
} catch {
  other.hidden = false;
  word.textContent = box.dataset.failed;
} finally {
  clearTimeout(late);
}
