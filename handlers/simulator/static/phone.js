// One phone: the contact's side of a chat.

import { el, fill, put, quoted } from "./dom.js";
import { moment, reasonWords, sayings, t, tag, topicName, value } from "./words.js";

const ACTS = {
  viber: ["sticker", "picture", "redeliver", "open_chat", "follow", "leave"],
  wechat: ["speak", "sticker", "picture", "redeliver", "follow", "leave"],
};
const BY_CHANNEL = new Set(["follow", "leave"]);
const NEAR_END = 90; // pixels: closer than this, new messages keep the view at the end

/** Build the phone of a channel. `act(name, value)` does something as the contact, `enter()` makes a new contact, `choose(id)` takes another. */
export function buildPhone(channel, { act, enter, choose, reveal }) {
  const picker = el("select", { id: `who-${channel}`, onchange: () => choose(picker.value) });
  const pickerLabel = el("label", { for: `who-${channel}` });
  const fresh = el("button", { type: "button", class: "fresh", onclick: enter });
  const glance = el("button", { type: "button", class: "glance", onclick: reveal });
  const head = el("div", { class: "chat-head" });
  const feed = el("div", { class: "feed", role: "log", "aria-live": "polite", tabindex: "0" });
  const keyboard = el("div", { class: "keyboard", role: "group" });
  const field = el("textarea", { id: `write-${channel}`, rows: "1", maxlength: "7000", enterkeyhint: "send", autocomplete: "off" });
  const fieldLabel = el("label", { for: `write-${channel}`, class: "unseen" });
  const send = el("button", { type: "submit", class: "send" });
  const composer = el("form", { class: "composer" }, fieldLabel, field, send);
  const tries = el("div", { class: "tries" });
  const root = el("section", { class: `phone ${channel}`, "data-view": "phone" },
    el("div", { class: "picker" }, pickerLabel, picker, fresh),
    glance, el("div", { class: "frame" }, head, feed, keyboard, composer), tries);

  const submit = () => {
    const words = field.value.trim();
    if (!words) return;
    field.value = "";
    grow(field);
    act("say", words);
  };
  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("input", () => grow(field));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });

  // New messages, buttons that push up, and a phone that was hidden: the end stays in view unless somebody scrolled away.
  let atEnd = true;
  feed.addEventListener("scroll", () => {
    if (feed.clientHeight) atEnd = feed.scrollHeight - feed.scrollTop - feed.clientHeight < NEAR_END;
  });
  new ResizeObserver(() => {
    if (atEnd) feed.scrollTop = feed.scrollHeight;
  }).observe(feed);

  let shown = { who: null, count: 0, last: -1, language: "" };

  function showFeed(side) {
    const language = tag();
    const isOther = shown.who !== side.contact.id || shown.language !== language;
    if (isOther) feed.replaceChildren();
    const last = isOther ? -1 : shown.last;
    const fresh = side.items.filter((item) => item.id > last);
    retire(feed, side);
    put(feed, fresh.map((item) => drawItem(item, side, act, !isOther)));
    shown = { who: side.contact.id, last: side.items.at(-1)?.id ?? -1, language };
    atEnd ||= isOther || fresh.some((item) => item.kind === "mine");
    if (fresh.length && atEnd) feed.scrollTop = feed.scrollHeight;
  }

  return {
    root,
    focus: () => field.focus(),
    /** Draw the words that do not depend on a contact. */
    name() {
      fill(pickerLabel, t("contact"));
      fill(fresh, t("new_contact"));
      fill(fieldLabel, t("write"));
      field.placeholder = t("write");
      fill(send, t("send"));
      feed.setAttribute("aria-label", t("messages"));
      keyboard.setAttribute("aria-label", t("keyboard"));
      fill(tries, ...drawTries(channel, act));
    },
    /** The contacts to choose from. */
    people(people, chosen) {
      const options = people.map((one) => el("option", { value: one.id, selected: one.id === chosen }, one.name));
      fill(picker, options);
    },
    /** Show the state of the chosen contact. */
    show(side) {
      root.dataset.contact = side.contact.id;
      root.setAttribute("aria-label", t("phone_of", { channel: channel === "viber" ? "Viber" : t("wechat"), name: side.contact.name }));
      fill(head, el("span", { class: "avatar", "aria-hidden": "true" }), el("span", { class: "title" },
        el("strong", {}, t("brand")), el("small", {}, t(`${channel}_kind`))));
      showGlance(glance, side);
      showFeed(side);
      if (showKeyboard(keyboard, side, act)) feed.focus({ preventScroll: true });
    },
  };
}

/** On a narrow screen: the gate's answer in one line, which leads to the rest. */
function showGlance(glance, side) {
  const [topic] = side.topics;
  const { allowed, reason } = topic.gate;
  glance.classList.toggle("denied", !allowed);
  fill(glance, el("span", { "aria-hidden": "true" }, allowed ? "✓ " : "✕ "), 
    t("topic_answer", { topic: topicName(topic.names, topic.id), answer: allowed ? t("allowed") : value("reason", reason) }), " ›");
}

function grow(field) {
  field.rows = Math.min(4, Math.max(1, field.value.split("\n").length));
}

/** Links of earlier questions can no longer be tapped: the stand-in platforms know the newest ones only. */
function retire(feed, side) {
  const newest = newestOffer(side);
  for (const link of feed.querySelectorAll("button.link")) {
    if (link.dataset.item === String(newest)) continue;
    if (link === document.activeElement) feed.focus({ preventScroll: true });
    link.disabled = true;
  }
}

function newestOffer(side) {
  return side.items.filter((item) => item.kind === "theirs" && (item.options.length || item.parts.some((part) => part.tap))).at(-1)?.id;
}

function drawItem(item, side, act, isNew) {
  const arriving = isNew ? " arriving" : "";
  if (item.kind === "note") return el("p", { class: `note ${item.words}${arriving}`, "data-item": item.id }, quoted(noteWords(item, side)));
  const newest = newestOffer(side);
  const body = item.parts.map((part) => drawPart(part, item, act, item.id === newest));
  const medium = item.medium === "text" ? null : el("span", { class: `medium ${item.medium}` }, t(`medium_${item.medium}`));
  const again = item.again ? el("span", { class: "again" }, t("again")) : null;
  return el("div", { class: `bubble ${item.kind}${arriving}`, "data-item": item.id },
    medium, el("p", { dir: "auto" }, body), el("span", { class: "meta" }, again, el("time", {}, moment(item.at))));
}

function drawPart(part, item, act, isOpen) {
  if (part.tap === undefined) return part.text;
  return el("button", { type: "button", class: "link", "data-item": item.id, disabled: !isOpen, onclick: () => act("tap", part.tap) }, part.text);
}

function noteWords(item, side) {
  const { facts } = item;
  const channel = side.channel;
  const own = `note_${item.words}`;
  const key = item.words === "followed" || item.words === "left" ? `${own}_${channel}` : own;
  const topic = side.topics.find((one) => one.id === facts.topic);
  const reason = facts.reason && reasonWords(facts.reason, facts.until);
  return t(key, { name: side.contact.name, problem: facts.problem, topic: topic ? topicName(topic.names, topic.id) : facts.topic, reason });
}

/** Returns whether a button that had the focus has gone. */
function showKeyboard(keyboard, side, act) {
  const theirs = side.items.filter((item) => item.kind === "theirs").at(-1);
  const options = theirs?.options ?? [];
  const known = JSON.stringify(options);
  if (keyboard.dataset.known === known) return false;
  const hadFocus = keyboard.contains(document.activeElement);
  keyboard.dataset.known = known;
  keyboard.hidden = options.length === 0;
  fill(keyboard, options.map((option) =>
    el("button", { type: "button", onclick: () => act("tap", option.value) }, quoted(option.label))));
  return hadFocus;
}

function drawTries(channel, act) {
  const says = sayings(channel).map((words) => el("button", { type: "button", class: "chip", onclick: () => act("say", words) }, quoted(words)));
  const does = ACTS[channel].map((name) => {
    const key = BY_CHANNEL.has(name) ? `act_${name}_${channel}` : `act_${name}`;
    const words = name === "speak" ? sayings(channel)[0] : undefined;
    return el("button", { type: "button", class: "chip plain", "data-act": name, onclick: () => act(name, words) }, t(key));
  });
  return [
    el("div", { class: "row", role: "group", "aria-label": t("say_title") }, el("span", { class: "row-name" }, t("say_title")), says),
    el("div", { class: "row", role: "group", "aria-label": t("do_title") }, el("span", { class: "row-name" }, t("do_title")), does),
  ];
}
