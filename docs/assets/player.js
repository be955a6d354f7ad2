// Plays a recorded run. The events that drew the picture also made the sentences told here;
// nothing below knows an algorithm. Without this file the picture, key and caption remain.
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const PLAY = ["Play", "M4 3v18l14-9z"], PAUSE = ["Pause", "M4 4h4v16h-4zM12 4h4v16h-4z"];
const button = (label, shape) =>
  `<button type="button" aria-label="${label}"><svg viewBox="0 0 20 24" aria-hidden="true"><path d="${shape}"/></svg></button>`;
const PANEL = `<input type="range" aria-label="Time in the run">
  <div class="row"><div class="bar">
    ${button("Previous event", "M14 4v16l-9-8zM4 4v16")}${button(...PLAY)}${button("Next event", "M6 4v16l9-8zM16 4v16")}
  </div><p class="when"></p><p class="what" aria-live="polite"></p>
    <svg class="st ring" viewBox="-122 -122 244 244" aria-hidden="true"></svg></div>`;
const DRAG = `<label class="drag"><span></span><input type="range" min="0"><output></output></label>`;

const get = (url) => fetch(url).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)));

function add(parent, name, html) {
  const made = document.createElement("div");
  made.className = name;
  made.innerHTML = html;
  parent.append(made);
  return made;
}

function mount(figure) {
  if (figure.querySelector(".player")) return;
  const drag = figure.dataset.drag && JSON.parse(figure.dataset.drag);
  const base = drag && new URL(figure.dataset.runs, location);
  let story, timer;
  let now; // undefined while the whole run is shown: then no comparison holds

  // Over and below the picture; they stay when another run's takes its place.
  const over = add(figure, "over", `<div class="veil" hidden></div><div class="knob" hidden></div>`);
  const [veil, knob] = over.children;
  const panel = add(figure, "player", PANEL + (drag ? DRAG : ""));
  const [slide, choice] = panel.querySelectorAll("input");
  const [left, toggle, right] = panel.querySelectorAll("button");
  const [when, what] = panel.querySelectorAll("p");
  const ring = panel.querySelector(".ring");
  const set = (name, share) => figure.style.setProperty(`--${name}`, `${100 * share}%`);

  // Time
  const next = () => story.steps.find(([at]) => !(at <= now))?.[0];
  const last = () => story.steps.findLast(([at]) => !(at >= now))?.[0];
  const seek = (time) => (stop(), show(time));
  const forth = () => seek(next() ?? story.to);
  const back = () => seek(last() ?? story.from);

  function show(time) {
    now = Math.max(story.from, Math.min(story.to, time));
    const said = story.steps.findLast(([at]) => at <= now)?.[1] ?? "";
    const part = (now - story.from) / (story.to - story.from);
    slide.value = now;
    when.textContent = `${Math.round(now)} ${story.unit}`;
    slide.ariaValueText = `${when.textContent}. ${said}`;
    say(said);
    veil.hidden = false;
    for (const layout of ["wide", "tall"]) {
      const [first, end] = story[layout];
      set(layout, first + part * (end - first));
    }
    if (story.nodes) ring.innerHTML = round(story, now);
  }

  function say(words) {
    if (what.textContent !== words) what.textContent = words; // or it is read again
  }

  function play() {
    if (!(now < story.to)) show(story.from);
    setToggle(PAUSE);
    const speed = (story.to - story.from) / 12000; // 12 s, and time to read each sentence
    let before, pause = 0;
    timer = requestAnimationFrame(function tick(clock) {
      const passed = clock - (before ?? clock), aim = next() ?? story.to;
      before = clock;
      pause -= passed;
      if (pause <= 0) {
        show(calm.matches ? aim : Math.min(aim, now + passed * speed));
        if (now === aim) pause = 900 + 35 * what.textContent.length;
      }
      if (now >= story.to || !figure.isConnected) return stop();
      timer = requestAnimationFrame(tick);
    });
  }

  function stop() {
    cancelAnimationFrame(timer);
    timer = 0;
    setToggle(PLAY);
  }

  function setToggle([label, shape]) {
    toggle.ariaLabel = label;
    toggle.querySelector("path").setAttribute("d", shape);
  }

  left.onclick = back;
  right.onclick = forth;
  toggle.onclick = () => (timer ? stop() : play());
  slide.oninput = () => seek(+slide.value);
  panel.onkeydown = (event) => {
    const { from, to } = story;
    const act = { ArrowLeft: back, ArrowRight: forth, Home: () => seek(from), End: () => seek(to) }[event.key];
    if (!act || event.target === choice || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };

  // A click on the picture goes to that time, and to an event if one is near.
  function place(event) {
    const svg = [...figure.children].find((each) => each.clientHeight), box = svg.getBoundingClientRect();
    return { tall: svg.matches(".tall"), box, x: event.clientX - box.left, y: event.clientY - box.top };
  }

  function point(event) {
    if (!event.target.closest("figure.run > svg")) return;
    const { tall, box, x, y } = place(event);
    if (event.type === "pointermove" && (!event.buttons || (tall && event.pointerType !== "mouse"))) return;
    const [first, end] = story[tall ? "tall" : "wide"], span = story.to - story.from;
    const time = story.from + ((tall ? y / box.height : x / box.width) - first) / (end - first) * span;
    seek(story.steps.find(([at]) => Math.abs(at - time) < span / 100)?.[0] ?? time);
  }
  figure.onclick = figure.onpointermove = point;

  // The handle: each position is a run of its own, fetched when asked for -----
  const fetched = [];
  let asked, shown = drag?.at;

  function mark(i) {
    asked = choice.value = i;
    choice.ariaValueText = choice.nextElementSibling.textContent = drag.names[i];
    ["wx", "wy", "tx", "ty"].forEach((name, n) => set(name, drag.handles[i][n]));
  }

  async function pick(i) {
    if (i === asked) return;
    mark(i);
    try {
      fetched[i] ??= get(`${base}${i}.json`);
      const { html } = JSON.parse(await fetched[i]);
      if (asked !== i) return; // the reader went on
      const run = document.createRange().createContextualFragment(html);
      // What was run is named as this page names it.
      run.querySelector("small span").replaceWith(figure.querySelector("small span"));
      for (const old of figure.querySelectorAll(":scope > :not(.over, .player, [src])")) old.remove();
      figure.prepend(...run.querySelectorAll("svg"));
      figure.append(run);
      shown = i;
      load();
    } catch {
      delete fetched[i];
      if (asked !== i) return;
      mark(shown);
      say(`“${drag.names[i]}” could not be loaded: this is still “${drag.names[shown]}”.`);
    }
  }

  if (drag) {
    choice.max = drag.names.length - 1;
    choice.ariaLabel = choice.previousElementSibling.textContent = drag.label;
    choice.oninput = () => pick(+choice.value);
    knob.hidden = false;
    knob.onpointerdown = (event) => knob.setPointerCapture(event.pointerId);
    knob.onpointermove = (event) => {
      if (!knob.hasPointerCapture(event.pointerId)) return;
      const { tall, box, x, y } = place(event), n = tall ? 2 : 0;
      const away = drag.handles.map((at) => Math.hypot(x - at[n] * box.width, y - at[n + 1] * box.height));
      pick(away.indexOf(Math.min(...away)));
    };
    mark(shown);
  }

  function load() {
    story = JSON.parse(figure.querySelector(":scope > template").content.textContent);
    slide.min = story.from;
    slide.max = story.to;
    for (const svg of figure.querySelectorAll(":scope > svg")) {
      const { width, height } = svg.viewBox.baseVal;
      figure.style.setProperty(`--${svg.classList[1]}-box`, `${width}/${height}`);
      svg.after(panel); // below the second
    }
    set("first", story.wide[0]);
    set("long", story.wide[1] - story.wide[0]);
    if (now >= 0) return show(now);
    show(story.to); // all of it, and no veil
    now = undefined;
    veil.hidden = true;
    when.textContent = "";
    slide.ariaValueText = "the whole run";
    say(`Play it, or click on the picture${drag ? ". Drag the red handle: each of its positions is another run" : ""}.`);
  }

  load();
}

// The nodes in a ring at one moment, and what is on its way between them.
function round({ nodes, spans, msgs, cuts, to: end }, now) {
  const fence = cuts.find(([from, to]) => from <= now && now < to)?.[2];
  const flights = msgs.map(([a, b, sent, takes, tone, stop = 1]) => {
    const part = (now - sent) / takes;
    if (!(part >= 0 && part <= 1)) return "";
    const [, u, v] = nodes[a], [, p, q] = nodes[b], far = Math.min(part, stop);
    const x = u + (p - u) * far, y = v + (q - v) * far;
    return `<path class="msg t-${tone}" d="M${u} ${v}L${x} ${y}"/>` + (part > stop
      ? `<path class="cross" d="M${x} ${y}m-5-5l10 10m0-10l-10 10"/>`
      : `<circle class="flight t-${tone}" cx="${x}" cy="${y}" r="4.5"/>`);
  });
  const discs = spans.filter(([, from, to]) => from <= now && (now < to || to >= end)).map(([i, , , tone, label]) => {
    const [name, x, y] = nodes[i];
    return `<g class="${tone && `on t-${tone}`}" transform="translate(${x} ${y})"><circle r="29"/>` +
      `<text y="${label ? -1 : 5}">${name}</text><text class="role" y="13">${label}</text></g>`;
  });
  return (fence ? `<path class="fence" d="${fence}"/>` : "") + flights.join("") + discs.join("");
}

const all = () => document.querySelectorAll("figure.run:has(> template)").forEach(mount);
const sheet = new CSSStyleSheet();
sheet.replaceSync(await get(new URL("player.css", import.meta.url)));
document.adoptedStyleSheets.push(sheet);
all();
document.addEventListener("shown", all);
