// Behind the phone: what the service understood, decided, wrote down, and would let through.

import { el, fill, quoted } from "./dom.js";
import { language, moment, reasonWords, t, tag, topicName, value } from "./words.js";

const CARDS = [
  ["gate", drawGate],
  ["reading", drawReading],
  ["ledger", drawLedger],
  ["conversation", drawConversation],
  ["cases", drawCases],
  ["agent", drawAgent],
  ["wire", drawWire],
];

const FOCUSABLE = "button, input, summary, pre";
const LONGEST_PHRASE = 44; // characters of a phrase that are shown; it may list many alternatives

/** Build the panel of a channel. `act(name, value)` does something as campaign or agent. */
export function buildPanel(channel, act) {
  const root = el("section", { class: "panel", "data-view": "panel", tabindex: "0" });
  const cards = CARDS.map(([name, draw]) => {
    const body = el("div", { class: "body" });
    const title = el("h2", { id: `${channel}-${name}` });
    const card = el("section", { class: `card ${name}`, "aria-labelledby": title.id }, title, body);
    root.append(card);
    return { name, draw, title, body, known: "" };
  });
  return {
    root,
    /** Show a contact's state; only cards whose part of it changed are drawn again. */
    show(side) {
      root.setAttribute("aria-label", t("behind_of", { name: side.contact.name }));
      for (const card of cards) {
        const known = JSON.stringify([language(), side.contact.id, part(card.name, side)]);
        if (known === card.known) continue;
        const isFirst = !card.known || !card.known.includes(side.contact.id);
        card.known = known;
        card.title.textContent = t(card.name);
        const restore = isFirst ? () => {} : remember(card.body);
        fill(card.body, card.draw(side, act, isFirst));
        restore();
      }
    },
  };
}

/** What a visitor was at in a card that is about to be drawn again: the focus, what is unfolded, what is typed. */
function remember(body) {
  const all = (kind) => [...body.querySelectorAll(kind)];
  const focused = all(FOCUSABLE).indexOf(document.activeElement);
  const open = all("details").map((details) => details.open);
  const typed = all("input").map((field) => field.value);
  return () => {
    all("details").forEach((details, place) => (details.open = open[place] ?? false));
    all("input").forEach((field, place) => (field.value = typed[place] ?? ""));
    if (focused >= 0) all(FOCUSABLE)[focused]?.focus({ preventScroll: true });
  };
}

function part(name, side) {
  return {
    gate: side.topics,
    reading: side.readings,
    ledger: side.ledger,
    conversation: [side.conversation, side.unsent],
    cases: side.cases,
    agent: [side.conversation?.holder, side.flag],
    wire: side.wire,
  }[name];
}

function help(key) {
  return el("p", { class: "help" }, t(key));
}

function drawGate(side, act) {
  const rows = side.topics.map((topic) => {
    const name = topicName(topic.names, topic.id);
    const { gate } = topic;
    const answer = gate.allowed ? t("allowed") : t("denied_because", { reason: reasonWords(gate.reason, gate.until) });
    return el("li", { class: gate.allowed ? "allowed" : "denied", "data-topic": topic.id },
      el("span", { class: "mark", "aria-hidden": "true" }, gate.allowed ? "✓" : "✕"),
      el("span", { class: "what" }, el("strong", {}, quoted(name)), el("span", { class: "answer" }, answer), " ", el("small", {}, consentWords(topic))),
      el("button", { type: "button", class: "small", "aria-label": t("try_campaign_of", { topic: name }), onclick: () => act("campaign", topic.id) }, t("try_campaign")));
  });
  return el("ul", { class: "gates", title: t("gate_help") }, rows);
}

function consentWords(topic) {
  const isSaid = topic.gate.reason === "opted_out" && topic.standing === "opted_out";
  const words = isSaid ? [] : [value("standing", topic.standing)];
  if (topic.frequency !== "as_it_comes") words.push(t(`often_${topic.frequency}`, { days: topic.days }));
  if (topic.paused_until && topic.gate.reason !== "paused") words.push(t("paused_until", { moment: moment(topic.paused_until) }));
  if (topic.held_until && topic.gate.reason !== "held") words.push(t("held_until", { moment: moment(topic.held_until) }));
  return words.join(" · ");
}

function drawReading(side) {
  const lines = side.readings.toReversed();
  if (!lines.length) return el("p", { class: "none" }, t("reading_none"));
  const [newest, ...earlier] = lines;
  return [
    drawLine(newest),
    earlier.length > 0 && el("details", {}, el("summary", {}, t("reading_earlier")), earlier.map((line) => drawLine(line))),
  ];
}

function drawLine(line) {
  const said = el("blockquote", {}, quoted(line.text));
  if (!line.reading) return el("div", { class: "line" }, said, el("p", { class: "none" }, t("reading_tap")));
  const { full } = line;
  const intents = line.reading.intents.map((intent, place) => drawIntent(intent, full?.because[place]));
  const chosen = full?.answer;
  const label = full?.answer_names[tag()] ?? full?.answer_names.en ?? chosen?.split(".")[1];
  return el("div", { class: "line" }, said,
    intents.length > 0 ? el("ol", { class: "intents" }, intents) : !chosen && el("p", { class: "none" }, t("reading_nothing")),
    chosen && el("p", { class: "chosen" }, t("reading_answer", { answer: label })),
    full && el("dl", { class: "facts" }, factsOf(full)));
}

function factsOf(full) {
  const listed = (reasons) => el("ul", {}, reasons.map((reason) => el("li", { title: reason.text }, quoted(explain(reason)))));
  return [
    fact("reading_language", full.language),
    fact("reading_cues", full.cues.join(", ")),
    full.folds.length > 0 && fact("reading_folds", listed(full.folds)),
    full.rivals.length > 0 && fact("reading_rivals", listed(full.rivals)),
    fact("reading_revision", full.revision && el("code", {}, full.revision)),
  ];
}

function fact(key, content) {
  return content ? [el("dt", {}, t(key)), el("dd", {}, content)] : null;
}

function drawIntent(intent, reasons) {
  const percent = Math.round(intent.confidence * 100);
  const slots = Object.entries(intent.slots).map(([name, filled]) => el("code", {}, `${name} = ${[filled].flat().join(", ")}`));
  const because = reasons ? reasons.map((reason) => el("li", { title: reason.text }, quoted(explain(reason)))) : intent.because.map((why) => el("li", {}, quoted(why)));
  return el("li", { class: intent.decision },
    el("p", { class: "intent" }, el("strong", {}, value("intent", intent.intent)), el("span", { class: `badge ${intent.decision}` }, t(`decision_${intent.decision}`)),
      el("span", { class: "sure" }, el("meter", { min: "0", max: "1", value: intent.confidence, "aria-label": t("confidence", { percent }) }), el("span", { "aria-hidden": "true" }, `${percent} %`))),
    slots.length > 0 && el("p", { class: "slots" }, slots),
    el("ul", { class: "because" }, because));
}

/** Where a phrase decided, the page says so in its own language, and shortly; the program's whole sentence is the tooltip. */
function explain(reason) {
  const key = `because_${reason.layer}`;
  if (!reason.phrase || !reason.line || t(key) === key) return reason.text;
  const phrase = reason.phrase.length > LONGEST_PHRASE ? `${reason.phrase.slice(0, LONGEST_PHRASE)}…` : reason.phrase;
  return t(key, { ...reason, phrase }) + (reason.distance ? t("because_misspelt", reason) : "");
}

function drawConversation(side) {
  const state = side.conversation;
  if (!state) return el("p", { class: "none" }, t("conversation_none"));
  const window = state.window && (state.window.left > 0 ? t("window_left", { left: state.window.left, moment: moment(state.window.until) }) : t("window_closed"));
  const choices = state.choices.length > 0 && el("ol", { class: "choices" }, state.choices.map((one) => el("li", {}, quoted(one.label))));
  const unsent = side.unsent.length > 0 && el("ul", {}, side.unsent.map((one) => el("li", {}, `${value("status", one.status)}: `, quoted(one.text))));
  return el("dl", { class: "facts" },
    fact("holder", el("span", { class: `holder ${state.holder}` }, t(`holder_${state.holder}`))),
    fact("stage", [value("stage", state.stage), " ", el("code", {}, state.stage)]),
    choices && fact("choices", choices),
    fact("spoken", state.language),
    fact("window", window),
    unsent && fact("unsent", unsent));
}

function drawLedger(side, _act, isFirst) {
  if (!side.ledger.length) return [help("ledger_help"), el("p", { class: "none" }, t("ledger_none"))];
  const newest = drawLedger.newest?.[side.contact.id] ?? 0;
  drawLedger.newest = { ...drawLedger.newest, [side.contact.id]: side.ledger[0].seq };
  const rows = side.ledger.map((event) => drawEvent(event, side, !isFirst && event.seq > newest));
  const heads = ["seq", "time", "event", "change"].map((name) => el("th", { scope: "col", class: name }, t(`ledger_${name}`)));
  return [help("ledger_help"), el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows)))];
}

function drawEvent(event, side, isNew) {
  const topic = side.topics.find((one) => one.id === event.topic);
  const concerns = event.all ? t("every_topic") : topic ? topicName(topic.names, topic.id) : event.topic;
  return el("tr", { class: isNew ? "arriving" : null, "data-kind": event.kind },
    el("td", { class: "seq" }, event.seq),
    el("td", { class: "time" }, moment(event.recorded_at)),
    el("td", { class: "event" }, el("strong", {}, value("kind", event.kind)), el("small", {}, `${concerns} · ${value("source", event.source)}`)),
    el("td", { class: "change" }, states(event.before), " → ", el("b", {}, states(event.after)), el("small", {}, t("ledger_hash"), " ", el("code", { class: "hash" }, event.hash))));
}

function states(text) {
  return text.split(" ").map((word) => {
    const [name, detail] = word.split(/[:=](.*)/s);
    if (name === "paused_until" || name === "held_until") return t(name, { moment: moment(Date.parse(detail)) });
    if (name === "every_n_days") return t("often_every_n_days", { days: detail });
    const own = [`standing_${name}`, `often_${name}`].find((key) => t(key) !== key);
    return own ? t(own) : name;
  }).join(t("comma"));
}

function drawCases(side) {
  if (!side.cases.length) return el("p", { class: "none" }, t("cases_none"));
  return el("ul", { class: "caselist" }, side.cases.map((one) => el("li", {},
    el("p", {}, el("strong", {}, one.number), " ", value("case", one.kind), " · ", value("category", one.category), " ", el("span", { class: `badge ${one.status}` }, value("case", one.status))),
    el("small", {}, t("case_due", { first: moment(one.first_response_due_at), solution: moment(one.solution_due_at) })))));
}

function drawAgent(side, act) {
  const holder = side.conversation?.holder;
  const flag = side.flag && side.flag.state !== "closed" && el("p", { class: "flag" }, t("agent_flagged", { reason: value("flag", side.flag.reason) }));
  if (holder !== "agent") {
    return [help("agent_help"), flag, el("button", { type: "button", class: "main", disabled: !holder, onclick: () => act("take_over") }, t("take_over"))];
  }
  const id = `reply-${side.channel}`;
  const field = el("input", { id, type: "text", maxlength: "1000", autocomplete: "off" });
  const form = el("form", { class: "reply" }, el("label", { for: id }, t("reply")), el("div", { class: "pair" }, field, el("button", { type: "submit", class: "main" }, t("reply_send"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = field.value.trim();
    field.value = "";
    if (words) act("reply", words);
  });
  return [help("agent_help"), flag, form, el("button", { type: "button", class: "small", onclick: () => act("hand_back") }, t("hand_back"))];
}

function drawWire(side) {
  const { wire } = side;
  if (!wire) return [help("wire_help"), el("p", { class: "none" }, t("wire_none"))];
  const block = (key, text) => text && el("details", {}, el("summary", {}, t(key)), el("pre", { tabindex: "0" }, text));
  return [
    help("wire_help"),
    el("p", { class: "request" }, el("code", {}, `POST ${wire.path}`), " ", el("span", { class: "badge" }, wire.status)),
    el("p", { class: "help" }, t(`wire_${side.channel}`)),
    block("wire_payload", wire.payload), block("wire_sealed", wire.sealed), block("wire_reply", wire.reply),
  ];
}
