// The entry test: answers are sent as they are given, the clock runs, and when time is up the result opens.
// Without this script the same form works with its buttons.
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-save]"));
const panel = document.querySelector(".connection");
const timer = /** @type {HTMLElement | null} */ (document.querySelector(".timer"));

let sequence = Number(form?.querySelector("input[name=client_seq]")?.getAttribute("value") ?? 1);
let sending = Promise.resolve();

/** @param {string} state @param {string} words */
function show(state, words) {
  if (!panel) return;
  panel.className = `connection connection-${state}`;
  const text = panel.querySelector("span");
  if (text) text.textContent = words;
}

/** Whether a partly filled ordering item should wait until every line has its place. */
function incomplete() {
  const places = /** @type {HTMLSelectElement[]} */ ([...(form?.querySelectorAll("select[name^='place.']") ?? [])]);
  const filled = places.filter((select) => select.value).length;
  return filled > 0 && filled < places.length;
}

async function send() {
  if (!form || incomplete()) return;
  const body = new FormData(form);
  body.set("client_seq", String(sequence));
  show("saving", form.dataset.wordsSaving ?? "");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const told = await answer.json();
    if (!answer.ok) {
      show("elsewhere", told.error);
      return;
    }
    sequence += 1;
    const field = form.querySelector("input[name=client_seq]");
    if (field instanceof HTMLInputElement) field.value = String(sequence);
    const words = (form.dataset.wordsSaved ?? "").replace("{stored}", told.stored).replace("{items}", told.items);
    show("saved", `${words} · ${told.last}`);
  } catch {
    show("offline", form.dataset.wordsFailed ?? "");
  }
}

// one request in flight: a second change waits for the first
form?.addEventListener("change", () => {
  sending = sending.then(send);
});

// a button pressed while an answer is on its way waits for it, so that both do not carry the same number
form?.addEventListener("submit", (event) => {
  const button = /** @type {SubmitEvent} */ (event).submitter;
  if (form.dataset.ready) return;
  event.preventDefault();
  // in a task of its own: a form that is still telling of one submission ignores the next
  sending.then(() => setTimeout(() => {
    form.dataset.ready = "yes";
    form.requestSubmit(button);
  }));
});

/** Time is up: the test is handed in and the result opens; if that cannot be sent, the server closes it by itself. */
async function handIn() {
  if (!form) return;
  const body = new FormData();
  body.set("csrf_token", String(new FormData(form).get("csrf_token")));
  await fetch(form.dataset.handIn ?? "", { method: "POST", body }).catch(() => undefined);
  location.assign(form.dataset.deadlinePage ?? "/exams");
}

if (timer?.dataset.deadline) {
  const value = timer.querySelector(".timer-value");
  const [minutes, seconds] = (value?.textContent ?? "0:0").split(":").map(Number);
  const end = performance.now() + (minutes * 60 + seconds) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const words = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
    if (value && value.textContent !== words) value.textContent = words;
    if (left === 0) {
      clearInterval(clock);
      sending.then(handIn);
    }
  };
  const clock = setInterval(tick, 500);
}
