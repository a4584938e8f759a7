// The page: two lanes, each a phone and what stands behind it, kept up to date by short questions to the server.

import { send, state } from "./api.js";
import { el } from "./dom.js";
import { buildPanel } from "./panel.js";
import { buildPhone } from "./phone.js";
import { inventName, language, speak, t, tag } from "./words.js";

const CHANNELS = ["viber", "wechat"];
const CALM = 800; // milliseconds between two looks
const KEEN = 150; // after an act, while its answer is on the way
const KEEN_FOR = 2500;

const lanes = {};
const chosen = readAddress();
let latest = { digest: "", sides: {}, people: {} };
let timer = 0;
let keenUntil = 0;
let isAsking = false;
let saidUntil = 0; // a refusal stays long enough to be read

function readAddress() {
  const found = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(CHANNELS.map((channel) => [channel, found.get(channel) ?? ""]));
}

function writeAddress() {
  history.replaceState(null, "", `#${new URLSearchParams(chosen)}`);
}

for (const channel of CHANNELS) {
  const act = (name, value) => change("/demo/act", { channel, contact: chosen[channel], act: name, value });
  const phone = buildPhone(channel, { act, enter: () => enter(channel), choose: (id) => choose(channel, id), reveal: () => turnTo("side", "panel") });
  const panel = buildPanel(channel, act);
  const lane = el("div", { class: "lane", "data-channel": channel }, phone.root, panel.root);
  document.getElementById("lanes").append(lane);
  lanes[channel] = { phone, panel, lane };
}

async function enter(channel) {
  const made = await change("/demo/contact", { channel, language: tag(), name: inventName() });
  if (made) choose(channel, made.id);
}

function choose(channel, id) {
  chosen[channel] = id;
  writeAddress();
  look();
}

async function change(path, body) {
  try {
    const answer = await send(path, body);
    keenUntil = performance.now() + KEEN_FOR;
    look();
    return answer;
  } catch (error) {
    tell(error);
    saidUntil = performance.now() + 6000;
    return null;
  }
}

function tell(error) {
  const line = document.querySelector(".broken");
  line.hidden = !error;
  if (error) line.textContent = error.message === "stale" ? t("stale") : error.message.startsWith("HTTP") ? t("refused") : t("broken");
}

async function look() {
  clearTimeout(timer);
  if (!isAsking && !document.hidden) {
    isAsking = true;
    try {
      const found = await state(chosen, latest.digest);
      if (found) {
        latest = found;
        show();
      }
      if (performance.now() > saidUntil) tell(null);
    } catch (error) {
      tell(error);
    }
    isAsking = false;
  }
  clearTimeout(timer);
  timer = setTimeout(look, performance.now() < keenUntil ? KEEN : CALM);
}

function show() {
  for (const channel of CHANNELS) {
    const people = latest.people[channel];
    if (!people.some((one) => one.id === chosen[channel])) chosen[channel] = preferred(people)?.id ?? "";
    lanes[channel].phone.people(people, chosen[channel]);
    const side = latest.sides[channel];
    if (!side || side.contact.id !== chosen[channel]) {
      keenUntil = performance.now() + KEEN;
      continue;
    }
    side.channel = channel;
    lanes[channel].phone.show(side);
    lanes[channel].panel.show(side);
  }
}

/** Somebody who speaks the page's language and has just arrived. */
function preferred(people) {
  return people.find((one) => one.language === tag()) ?? people[0];
}

function sayEverything() {
  document.documentElement.lang = tag();
  document.title = `Quietline · ${t("demo")}`;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) press(button, button.dataset.language === language());
  for (const channel of CHANNELS) lanes[channel].phone.name();
  show();
}

function press(button, isPressed) {
  button.setAttribute("aria-pressed", String(isPressed));
}

function turnTo(name, wanted) {
  document.body.dataset[name] = wanted;
  for (const button of document.querySelectorAll(`.where [data-${name}]`)) press(button, button.dataset[name] === wanted);
}

for (const button of document.querySelectorAll(".switch [data-language]")) {
  button.addEventListener("click", () => {
    speak(button.dataset.language);
    sayEverything();
  });
}
for (const name of ["channel", "side"]) {
  for (const button of document.querySelectorAll(`.where [data-${name}]`)) {
    button.addEventListener("click", () => turnTo(name, button.dataset[name]));
  }
}
document.addEventListener("visibilitychange", look);
turnTo("channel", language() === "zh" ? "wechat" : "viber");
turnTo("side", "phone");
for (const channel of CHANNELS) latest.people[channel] = [];
sayEverything();
look();
