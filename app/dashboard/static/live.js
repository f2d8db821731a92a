// The live list: whole nodes come in by the stream, and one function draws a node, whatever it came in.
"use strict";

const API = "/api/engine/cluster";
const RANK = { offline: 0, degraded: 1, online: 2 };
const WORD = { online: "Online", degraded: "Degraded", offline: "Offline" };
const SILENCE_MS = 45000;

const nodes = new Map();
const cards = new Map();
const changed = new Set();
let heardAt = Date.now();
let source = null;
let pause = 1000;
let drawing = false;
let delayed = false; // the control plane itself hears changes late
let opened = false; // until the first node after a (re)connect: a snapshot then replaces all we have

const at = (id) => document.getElementById(id);

function connect() {
  source?.close();
  source = new EventSource(`${API}/stream`);
  source.onopen = () => { pause = 1000; opened = true; delayed = false; heard(); };
  source.onmessage = (event) => { take(JSON.parse(event.data)); heard(); };
  source.onerror = lost;
}

function heard() {
  heardAt = Date.now();
  if (delayed) show("Live updates are delayed", "lost");
  else show("Live", "live");
}

// A browser gives up for good on an answer such as 502, so we come back by ourselves.
function lost() {
  show("Reconnecting…", "lost");
  if (source.readyState !== EventSource.CLOSED) return;
  setTimeout(connect, pause * (0.5 + Math.random()));
  pause = Math.min(pause * 2, 30000);
}

function show(text, state) {
  at("link").textContent = text;
  at("link").className = `link ${state}`;
}

function take(message) {
  if (message.type === "server") delayed = !message.live;
  if (message.type !== "node") return;
  if (opened && message.event === "snapshot") nodes.clear();
  opened = false;
  if (message.removed) nodes.delete(message.nodeId);
  else nodes.set(message.nodeId, message);
  changed.add(message.nodeId);
  schedule();
}

function schedule() {
  if (drawing) return;
  drawing = true;
  setTimeout(() => requestAnimationFrame(draw), 250);
}

function draw() {
  drawing = false;
  const wanted = at("search").value.trim().toLowerCase();
  const shown = [...nodes.values()].filter((node) => matches(node, wanted)).sort(worstFirst);
  for (const [id, card] of cards) if (!nodes.has(id)) { card.remove(); cards.delete(id); }
  const list = at("nodes");
  const open = new Set(shown.map((node) => node.nodeId));
  for (const [id, card] of cards) card.hidden = !open.has(id);
  shown.slice(0, 500).forEach((node, index) => {
    const card = cards.get(node.nodeId) ?? made(node.nodeId);
    if (changed.has(node.nodeId) || !card.isConnected) fill(card, node);
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
  });
  changed.clear();
  totals();
  at("empty").hidden = nodes.size > 0;
  at("nomatch").hidden = nodes.size === 0 || shown.length > 0;
}

function matches(node, wanted) {
  return !wanted || [node.nodeId, node.name, node.host, ...node.capabilities].some((text) => text.toLowerCase().includes(wanted));
}

function worstFirst(a, b) {
  return RANK[a.status] - RANK[b.status] || a.name.localeCompare(b.name) || (a.nodeId < b.nodeId ? -1 : 1);
}

function made(id) {
  const card = at("card").content.firstElementChild.cloneNode(true);
  card.querySelector(".ping").onclick = () => act(card, `${API}/nodes/${encodeURIComponent(id)}/ping`);
  card.querySelector(".restart").onclick = () => {
    if (confirm(`Restart all agents of ${nodes.get(id)?.name ?? id}?`)) act(card, `${API}/nodes/${encodeURIComponent(id)}/restart`);
  };
  cards.set(id, card);
  changed.add(id);
  return card;
}

// Text from nodes is only ever text: textContent everywhere.
function fill(card, node) {
  const set = (selector, text) => { card.querySelector(selector).textContent = text; };
  card.className = `node ${node.status}${node.seen ? "" : " unseen"}`;
  set("h2", node.name);
  set(".word", WORD[node.status]);
  set(".reason", reason(node));
  set(".facts", [`${node.host}:${node.port}`, ...machine(node), count(node.agents.length, "agent")].join(" · "));
  usage(card, "cpu", node.metadata.cpuUsage);
  usage(card, "mem", node.metadata.memoryUsage);
  card.querySelector(".tags").replaceChildren(...node.capabilities.map((tag) => Object.assign(document.createElement("span"), { textContent: tag })));
  ago(card, node);
}

function reason(node) {
  if (node.status === "degraded") return node.issues.map((issue) => issue.message).join("; ");
  return { never_seen: "Waiting for first heartbeat", awaiting_heartbeat: "Unknown, waiting for heartbeat", silent: "No heartbeat" }[node.statusReason] ?? "";
}

function machine(node) {
  if (!node.cpuCount) return [];
  return [`${node.platform} ${node.arch}`, count(node.cpuCount, "CPU"), memory(node.memoryMb)];
}

function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function usage(card, kind, share) {
  card.querySelector(`meter.${kind}`).value = share ?? 0;
  card.querySelector(`output.${kind}`).textContent = share === undefined ? "–" : `${Math.round(share * 100)} %`;
}

function ago(card, node) {
  const time = card.querySelector(".seen");
  if (!node.lastHeartbeat) { time.textContent = "never seen"; return; }
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(node.lastHeartbeat)) / 1000));
  time.dateTime = time.title = node.lastHeartbeat;
  time.textContent = seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

function memory(megabytes) {
  return megabytes >= 1024 ? `${Math.round(megabytes / 1024)} GB` : `${megabytes} MB`;
}

function totals() {
  const all = [...nodes.values()];
  const up = all.filter((node) => node.status !== "offline");
  const sum = (key) => up.reduce((total, node) => total + node[key], 0);
  at("total").textContent = all.length;
  at("online").textContent = all.filter((node) => node.status === "online").length;
  at("agents").textContent = new Set(up.flatMap((node) => node.agents)).size;
  at("cpus").textContent = sum("cpuCount");
  at("memory").textContent = memory(sum("memoryMb"));
}

async function act(card, url) {
  const answer = card.querySelector(".answer");
  const buttons = card.querySelectorAll("button");
  buttons.forEach((button) => { button.disabled = true; });
  answer.className = "answer";
  answer.textContent = "Working…";
  try {
    const response = await fetch(url, { method: "POST" });
    const body = await response.json();
    answer.classList.toggle("bad", !body.ok);
    answer.textContent = body.error ?? body.message ?? (body.latencyMs === undefined ? "Done" : `${body.latencyMs} ms`);
  } catch {
    answer.classList.add("bad");
    answer.textContent = "The control plane does not answer";
  }
  buttons.forEach((button) => { button.disabled = false; });
}

at("search").addEventListener("input", schedule);
at("clear").addEventListener("click", () => { at("search").value = ""; schedule(); });
setInterval(() => {
  for (const [id, card] of cards) if (nodes.has(id)) ago(card, nodes.get(id));
  if (Date.now() - heardAt > SILENCE_MS) { show("Stale", "lost"); heardAt = Date.now(); connect(); }
}, 1000);
connect();
schedule();
