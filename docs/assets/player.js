// Plays a recorded run. The events that drew the picture also made the sentences told here;
// nothing below knows an algorithm. Without this file the picture, key and caption remain.
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const styled = fetch(new URL("player.css", import.meta.url))
  .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
  .then((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets.push(sheet);
  });

function add(parent, tag, attributes = {}, text = "") {
  const svg = /^(svg|g|circle|path|text)$/.test(tag) && "http://www.w3.org/2000/svg";
  const made = svg ? document.createElementNS(svg, tag) : document.createElement(tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  if (text) made.textContent = text;
  parent.append(made);
  return made;
}

function mount(figure) {
  if (figure.querySelector(".player")) return;
  const drag = figure.dataset.drag && JSON.parse(figure.dataset.drag);
  const base = drag && new URL(figure.dataset.runs, location);
  let story, ring, timer;
  let now = null; // null: the whole run is shown

  // The parts. They lie over the picture and below it, and stay when the run is exchanged.
  const over = add(figure, "div", { class: "over", "aria-hidden": "true" });
  const veil = add(over, "div", { class: "veil", hidden: "" });
  const panel = add(figure, "div", { class: "player", role: "group", "aria-label": "Player" });
  const slide = add(panel, "input", { type: "range", "aria-label": "Time in the run" });
  const row = add(panel, "div", { class: "row" });
  const bar = add(row, "div", { class: "bar" });
  button("Previous event", "M14 4v16l-9-8zM4 4v16", () => step(-1));
  const toggle = button("Play", "", () => (timer ? stop() : play()));
  button("Next event", "M6 4v16l9-8zM16 4v16", () => step(1));
  const when = add(row, "p", { class: "when" });
  const what = add(row, "p", { class: "what", "aria-live": "polite" });
  slide.oninput = () => seek(+slide.value);

  function button(label, shape, act) {
    const made = add(bar, "button", { type: "button", "aria-label": label, title: label });
    add(add(made, "svg", { viewBox: "0 0 20 24", "aria-hidden": "true" }), "path", { d: shape });
    made.onclick = act;
    return made;
  }

  // Time ---------------------------------------------------------------------------------
  const next = () => story.steps.find(([at]) => now === null || at > now)?.[0];
  const last = () => story.steps.findLast(([at]) => now === null || at < now)?.[0];

  function step(by) {
    seek((by > 0 ? next() : last()) ?? (by > 0 ? story.to : story.from));
  }

  function seek(time) {
    stop();
    show(time);
  }

  function show(time) {
    now = Math.max(story.from, Math.min(story.to, time));
    const said = story.steps.findLast(([at]) => at <= now)?.[1] ?? "";
    const clock = `${Math.round(now)} ${story.unit}`;
    slide.value = now;
    slide.setAttribute("aria-valuetext", `${clock}. ${said}`);
    when.textContent = clock;
    say(said);
    veil.hidden = false;
    const part = (now - story.from) / (story.to - story.from);
    for (const layout of ["wide", "tall"]) {
      const [first, end] = story[layout];
      over.style.setProperty(`--${layout}`, `${100 * (first + part * (end - first))}%`);
    }
    ring?.(now);
  }

  function say(words) {
    if (what.textContent !== words) what.textContent = words; // else it would be read again
  }

  function play() {
    if (now === null || now >= story.to) show(story.from);
    setToggle("Pause", "M4 4h4v16h-4zM12 4h4v16h-4z");
    const speed = (story.to - story.from) / 12000; // 12 s, and time to read each sentence
    let before, pause = 0;
    timer = requestAnimationFrame(function tick(clock) {
      const passed = clock - (before ?? clock);
      before = clock;
      pause -= passed;
      if (pause <= 0) {
        const aim = next() ?? story.to;
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
    setToggle("Play", "M4 3v18l14-9z");
  }

  function setToggle(label, shape) {
    toggle.setAttribute("aria-label", label);
    toggle.title = label;
    toggle.querySelector("path").setAttribute("d", shape);
  }

  panel.onkeydown = (event) => {
    const act = {
      ArrowLeft: () => step(-1),
      ArrowRight: () => step(1),
      Home: () => seek(story.from),
      End: () => seek(story.to),
    }[event.key];
    if (!act || event.target === choice || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };

  // A click on the picture goes to that time, and to an event if one is near.
  const seen = () => [...figure.children].find((each) => each.matches("svg") && each.clientWidth);

  function point(event) {
    const svg = event.target.closest("figure.run > svg");
    if (!svg) return;
    const box = svg.getBoundingClientRect(), tall = svg.matches(".tall");
    const [first, end] = story[tall ? "tall" : "wide"];
    const far = tall ? (event.clientY - box.top) / box.height : (event.clientX - box.left) / box.width;
    const span = story.to - story.from, time = story.from + (far - first) / (end - first) * span;
    const near = story.steps.find(([at]) => Math.abs(at - time) < span / 100);
    seek(near ? near[0] : time);
  }
  figure.onclick = point;
  figure.onpointermove = (event) =>
    event.buttons && (event.pointerType === "mouse" || seen().matches(".wide")) && point(event);

  // The handle: each of its positions is a run of its own, fetched when it is asked for ------
  let choice, knob, named, asked = drag?.at, shown = asked;
  const fetched = [];

  if (drag) {
    const label = add(panel, "label", { class: "drag" });
    add(label, "span", {}, drag.label);
    choice = add(label, "input", { type: "range", min: 0, max: drag.names.length - 1, "aria-label": drag.label });
    named = add(label, "output");
    choice.oninput = () => pick(+choice.value);
    knob = add(over, "div", { class: "knob" });
    knob.onpointerdown = (event) => {
      event.preventDefault();
      knob.setPointerCapture(event.pointerId);
    };
    knob.onpointermove = (event) => {
      if (!knob.hasPointerCapture(event.pointerId)) return;
      const svg = seen(), box = svg.getBoundingClientRect(), tall = svg.matches(".tall") ? 2 : 0;
      const away = drag.handles.map((at) => Math.hypot(
        event.clientX - box.left - at[tall] * box.width,
        event.clientY - box.top - at[tall + 1] * box.height));
      const nearest = away.indexOf(Math.min(...away));
      if (nearest !== asked) pick(nearest);
    };
  }

  function mark(i) {
    asked = choice.value = i;
    named.textContent = drag.names[i];
    choice.setAttribute("aria-valuetext", drag.names[i]);
    ["wx", "wy", "tx", "ty"].forEach((name, n) =>
      over.style.setProperty(`--${name}`, `${100 * drag.handles[i][n]}%`));
  }

  async function pick(i) {
    mark(i);
    try {
      fetched[i] ??= fetch(`${base}${i}.json`).then((answer) =>
        answer.ok ? answer.json() : Promise.reject(answer.status));
      const { html } = await fetched[i];
      if (asked === i) swap(html, i);
    } catch {
      delete fetched[i];
      if (asked !== i) return;
      mark(shown);
      say(`The run “${drag.names[i]}” could not be loaded. The picture still shows “${drag.names[shown]}”.`);
    }
  }

  function swap(html, i) {
    const made = document.createElement("template");
    made.innerHTML = html;
    for (const old of figure.querySelectorAll(":scope > :not(.over, .player, [src])")) old.remove();
    const pictures = made.content.querySelectorAll("svg");
    figure.prepend(...pictures);
    figure.append(made.content);
    shown = i;
    load();
  }

  // The nodes in a ring, and what is on its way between them ---------------------------------
  function draw() {
    row.querySelector(".ring")?.remove();
    if (!story.nodes) return;
    const svg = add(row, "svg", { class: "st ring", viewBox: "-122 -122 244 244", "aria-hidden": "true" });
    const polar = (i, far) => {
      const turn = (i / story.nodes.length - 0.25) * 2 * Math.PI;
      return [far * Math.cos(turn), far * Math.sin(turn)];
    };
    const fence = add(svg, "path", { class: "fence" }), flights = add(svg, "g");
    const nodes = story.nodes.map((name, i) => {
      const at = polar(i, 88), group = add(svg, "g", { transform: `translate(${at})` });
      const disc = add(group, "circle", { r: 29 });
      add(group, "text", { class: "node", y: -1, "text-anchor": "middle" }, name);
      return { at, disc, group, role: add(group, "text", { class: "role", y: 13, "text-anchor": "middle" }) };
    });
    // Between which neighbours the fence stands: it can be drawn if it is one line.
    const ends = (sides) => {
      const gaps = sides.flatMap((side, i) => (side !== sides[(i + 1) % sides.length] ? [i + 0.5] : []));
      return gaps.length === 2 ? gaps.map((gap) => polar(gap, 118)) : null;
    };
    const meet = (wall, [ax, ay], [bx, by]) => {
      if (!wall) return 0.5;
      const [[px, py], [qx, qy]] = wall;
      const side = (x, y) => (qx - px) * (y - py) - (qy - py) * (x - px);
      const a = side(ax, ay), b = side(bx, by);
      return a * b < 0 ? a / (a - b) : 0.5;
    };
    ring = (time) => {
      const cut = story.cuts.find(([from, to]) => from <= time && time < to);
      const wall = cut && ends(cut[2]);
      fence.setAttribute("d", wall ? `M${wall[0]}L${wall[1]}` : "");
      for (const [i, from, to, tone, label] of story.spans) {
        if (time < from || (time >= to && to < story.to)) continue;
        nodes[i].disc.setAttribute("class", tone ? `disc t-${tone}` : "disc");
        nodes[i].group.setAttribute("class", tone ? "on" : "");
        nodes[i].role.textContent = label;
      }
      flights.replaceChildren();
      for (const [a, b, sent, takes, tone, lost] of story.msgs) {
        const part = takes ? (time - sent) / takes : 2;
        if (part < 0 || part > 1) continue;
        const [x, y] = nodes[a].at, [u, v] = nodes[b].at;
        const end = lost ? meet(wall, [x, y], [u, v]) : 1, far = Math.min(part, end);
        const tip = [x + (u - x) * far, y + (v - y) * far];
        add(flights, "path", { class: `msg t-${tone}${lost ? " lost" : ""}`, d: `M${x} ${y}L${tip}` });
        if (part > end) add(flights, "path", { class: "cross", d: `M${tip}m-5-5l10 10m0-10l-10 10` });
        else add(flights, "circle", { class: `flight t-${tone}`, cx: tip[0], cy: tip[1], r: 4.5 });
      }
    };
    ring(now ?? story.to);
  }

  function load() {
    story = JSON.parse(figure.querySelector(":scope > script[type$=json]").textContent);
    slide.min = story.from;
    slide.max = story.to;
    for (const layout of ["wide", "tall"]) {
      const { width, height } = figure.querySelector(`:scope > .${layout}`).viewBox.baseVal;
      over.style.setProperty(`--${layout}-box`, `${width}/${height}`);
    }
    panel.style.setProperty("--first", `${100 * story.wide[0]}%`);
    panel.style.setProperty("--long", `${100 * (story.wide[1] - story.wide[0])}%`);
    figure.querySelector(":scope > .tall").after(panel);
    draw();
    if (now !== null) return show(now);
    slide.value = story.to;
    slide.setAttribute("aria-valuetext", "the whole run");
    say(drag ? "Play it, click on the picture, or drag the red handle: each of its positions is a run of its own." : "Play it, or click on the picture.");
  }

  stop();
  load();
  if (drag) mark(shown);
}

const all = () => document.querySelectorAll("figure.run:has(> script[type$=json])").forEach(mount);
await styled;
// The theme exchanges the content of the page when a link is followed, and says so here.
window.document$ ? document$.subscribe(all) : all();
