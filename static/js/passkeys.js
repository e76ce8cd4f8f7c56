// Passkeys: signing in, confirming, making one. Where the browser has none the button stays hidden.

const api = self.PublicKeyCredential;
const box = document.querySelector("[data-passkey]");
const words = box.dataset;
const button = box.querySelector("button");
const TEXTS = { NotAllowedError: "cancelled", InvalidStateError: "exists", SecurityError: "elsewhere" };
let waiting;

function tell(error) {
  // A page instead of an answer: the session or the proof is too old, and the page knows where to go.
  if (error instanceof SyntaxError) location.reload();
  const text = error instanceof Error ? words[TEXTS[error.name] ?? "failed"] : error.message;
  box.querySelector("[role=status]").textContent = text;
}

async function post(address, body) {
  const token = document.querySelector("[name=csrf_token]").value;
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw said;
  return said;
}

// What the server does not know the browser need not offer again.
async function hand(credential, rpId) {
  const next = document.querySelector("[name=next]")?.value;
  try {
    const said = await post(words.verify, { credential: credential.toJSON(), next });
    location.assign(said.go);
  } catch (error) {
    const isLost = error.unknown || words.passkey === "make";
    if (isLost) api.signalUnknownCredential?.({ rpId, credentialId: credential.id }).catch(() => {});
    throw error;
  }
}

async function make() {
  const options = await post(words.options, {});
  const publicKey = api.parseCreationOptionsFromJSON(options);
  await hand(await navigator.credentials.create({ publicKey }), options.rp.id);
}

async function use(mediation) {
  waiting?.abort();
  const { signal } = (waiting = new AbortController());
  const options = await post(words.options, {});
  const publicKey = api.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey, mediation, signal });
  await hand(credential, options.rpId).catch((error) => {
    tell(error);
    offer();
  });
}

// The browser offers passkeys among the logins that it fills in.
async function offer() {
  if (words.passkey !== "login" || !(await api.isConditionalMediationAvailable?.())) return;
  use("conditional").catch(() => {});
}

async function start() {
  if (box.ariaBusy === "true") return;
  box.ariaBusy = "true";
  try {
    await (words.passkey === "make" ? make() : use());
  } catch (error) {
    tell(error);
    offer();
  }
  box.ariaBusy = null;
}

if (api?.parseRequestOptionsFromJSON && api.prototype.toJSON) {
  button.hidden = false;
  for (const reason of box.querySelectorAll("[data-without]")) reason.hidden = true;
  button.addEventListener("click", start);
  if (words.accepted) api.signalAllAcceptedCredentials?.(JSON.parse(words.accepted)).catch(() => {});
  offer();
}
