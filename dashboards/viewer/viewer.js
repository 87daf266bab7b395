// One sample, all its takes: everything plays, pauses, seeks and steps together, by one clock.
// The page gives panes as data; nothing is fetched but the media it names. All words are set as text, never as markup.

const DRIFT = 0.05; // seconds a film may stray from the clock before it is put right
const GAIN = 2; // how many times a difference is doubled, to be seen
const RATES = [0.25, 0.5, 1];
const VIEWS = [["side", "Side by side"], ["difference", "Difference"], ["onion", "Onion skin"], ["wipe", "Wipe"]];
const HELP = [
  ["Space", "play, pause"], ["← →", "one frame back, on"], ["Shift ← →", "one second back, on"], ["Home", "to the start"],
  ["1 … 9", "hear this one"], ["S D O W", "side by side, difference, onion skin, wipe"], ["L", "copy the link to this view"],
];

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") made.textContent = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

const ICONS = { play: "M4 2l10 6-10 6z", pause: "M3 2h4v12H3zM9 2h4v12H9z", back: "M12 2v12L5 8zM3 2h2v12H3z", on: "M4 2l7 6-7 6zM11 2h2v12h-2z" };

function drawing(path, box) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;
const within = (value, low, high) => Math.min(high, Math.max(low, value));

class Viewer {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.time = 0;
    this.playing = false;
    this.rate = 1;
    this.blend = 0.5;
    this.turn = [0.5, 0.15];
    this.gone = new AbortController();
    this.panes = data.panes.map((pane, place) => this.pane(pane, place));
    this.films = this.panes.filter((pane) => pane.medium);
    this.visible = this.panes.filter((pane) => ["video", "image"].includes(pane.kind));
    this.moving = this.films.length > 0 || this.panes.some((pane) => pane.kind === "body");
    const asked = data.at;
    const heard = this.panes.findIndex((pane) => pane.medium && pane.kind !== "matte" && !pane.source);
    this.heard = this.films.includes(this.panes[asked.sound]) ? asked.sound : heard;
    const arms = this.visible.filter((pane) => !pane.source);
    const pick = (wish, other) => (this.visible.includes(this.panes[wish]) ? this.panes[wish] : other);
    this.a = pick(asked.a, this.visible[0]);
    this.b = pick(asked.b, arms.find((pane) => pane !== this.a) || this.visible[1]);
    this.view = this.visible.length > 1 && VIEWS.some(([id]) => id === asked.view) ? asked.view : "side";
    root.replaceChildren(...this.parts());
    this.hear(this.heard);
    this.look(this.view);
    this.seek(asked.t || 0);
    document.addEventListener("keydown", (event) => this.key(event), { signal: this.gone.signal });
  }

  // ---- building -----------------------------------------------------------------------------------------------

  pane(facts, place) {
    const pane = { ...facts, place, medium: null, shown: null };
    const title = `${facts.name}${facts.marks.length ? ` (${facts.marks.join(", ")})` : ""}`;
    pane.title = title;
    if (facts.kind === "audio" || facts.kind === "video" || facts.kind === "matte") {
      pane.medium = element(facts.kind === "audio" ? "audio" : "video", {
        src: facts.url, preload: "auto", playsinline: true, "aria-label": title, tabindex: "-1",
      });
      pane.medium.muted = true;
      for (const name of ["loadedmetadata", "seeked", "loadeddata"]) pane.medium.addEventListener(name, () => this.refresh());
      pane.medium.addEventListener("error", () => this.broken(pane));
    }
    const boxes = [];
    if (facts.kind === "video") boxes.push((pane.shown = pane.medium));
    if (facts.kind === "image") {
      boxes.push((pane.shown = element("img", { src: facts.url, alt: title })));
      pane.shown.addEventListener("load", () => this.draw());
    }
    if (facts.kind === "matte" || facts.kind === "body") {
      pane.canvas = element("canvas", { role: "img", "aria-label": title, class: facts.kind === "matte" ? "fb-checks" : "fb-body" });
      boxes.push(pane.canvas);
    }
    if (facts.kind === "body") this.turnable(pane);
    if (facts.peaks) boxes.push(this.wave(pane));
    const sound = pane.medium && facts.kind !== "matte" && facts.peaks
      ? element("button", { type: "button", class: "fb-hear", text: "Hear", "aria-pressed": "false", "aria-label": `Hear ${title}`, onclick: () => { this.hear(place); if (!this.playing) this.play(); } })
      : null;
    pane.button = sound;
    pane.figure = element("figure", { class: `fb-pane fb-${facts.kind}`, style: `--arm:${facts.colour}` },
      element("figcaption", {},
        element("span", { class: "fb-number", text: String(place + 1), "aria-hidden": "true" }),
        element("span", { class: "fb-name", text: facts.name }),
        ...facts.marks.map((mark) => element("span", { class: "fb-mark", text: mark })), sound),
      ...boxes,
      facts.note ? element("p", { class: "fb-note", text: facts.note }) : null,
      facts.words ? element("p", { class: "fb-words", text: facts.words }) : null,
      facts.figures.length ? element("dl", {}, ...facts.figures.map((one) => element("div", {},
        element("dt", { text: one.title }), element("dd", { text: one.text }), one.reason ? element("dd", { class: "fb-why", text: one.reason }) : null))) : null,
      facts.heard ? element("p", { class: "fb-heard" }, element("b", { text: "Judge heard: " }), ...facts.heard.flatMap((word) => [
        element({ same: "span", missing: "del", added: "ins" }[word.kind], { text: word.text }), document.createTextNode(" ")])) : null);
    return pane;
  }

  wave(pane) {
    const bars = pane.peaks.map((peak, at) => `M${at} ${50 - 48 * Math.max(peak, 0.01)}V${50 + 48 * Math.max(peak, 0.01)}`).join("");
    const svg = drawing(bars, `0 0 ${pane.peaks.length} 100`);
    svg.setAttribute("preserveAspectRatio", "none");
    pane.head = element("div", { class: "fb-head" });
    const box = element("div", { class: "fb-sound" }, svg);
    if (pane.spectrogram) {
      box.append(element("img", { src: pane.spectrogram, alt: `Spectrogram of ${pane.title}, 0 to 12 kHz`, draggable: "false" }),
        element("span", { class: "fb-khz", text: "12 kHz" }));
    }
    box.append(pane.head);
    box.addEventListener("pointerdown", (event) => {
      const area = box.getBoundingClientRect();
      this.seek(((event.clientX - area.left) / area.width) * pane.seconds);
    });
    return box;
  }

  turnable(pane) {
    pane.canvas.addEventListener("pointerdown", (event) => pane.canvas.setPointerCapture(event.pointerId));
    pane.canvas.addEventListener("pointermove", (event) => {
      if (!event.buttons) return;
      this.turn = [this.turn[0] + event.movementX / 120, within(this.turn[1] + event.movementY / 120, -1.4, 1.4)];
      this.draw();
    });
  }

  parts() {
    const button = (label, icon, act) => element("button", { type: "button", class: "fb-icon", "aria-label": label, title: label, onclick: act }, drawing(ICONS[icon], "0 0 16 16"));
    this.playButton = button("Play", "play", () => this.toggle());
    this.slider = element("input", { type: "range", min: "0", max: "1", step: "0.001", value: "0", "aria-label": "Position", oninput: () => this.seek(Number(this.slider.value)) });
    this.told = element("output", { class: "fb-time", "aria-label": "Time" });
    const speed = element("select", { "aria-label": "Speed", onchange: () => { this.rate = Number(speed.value); this.films.forEach((film) => (film.medium.playbackRate = this.rate)); } },
      ...RATES.map((rate) => element("option", { value: rate, text: `${rate} ×`, selected: rate === 1 })));
    this.link = element("button", { type: "button", class: "fb-link", text: "Copy link", onclick: () => this.copy() });
    const bar = element("div", { class: "fb-bar", role: "group", "aria-label": "Player" },
      ...(this.moving ? [button("One frame back", "back", () => this.step(-1)), this.playButton, button("One frame on", "on", () => this.step(1)), this.slider, this.told, speed] : []), this.link);
    this.stage = element("canvas", { role: "img", class: "fb-stage" });
    this.mix = element("input", { type: "range", min: "0", max: "1", step: "0.01", value: "0.5", "aria-label": "How much of the second", oninput: () => { this.blend = Number(this.mix.value); this.draw(); } });
    const pick = (label, which) => element("select", { "aria-label": label, onchange: (event) => { this[which] = this.panes[Number(event.target.value)]; this.look(this.view); } },
      ...this.visible.map((pane) => element("option", { value: pane.place, text: `${pane.place + 1} ${pane.title}`, selected: pane === this[which] })));
    this.tabs = VIEWS.map(([id, text]) => element("button", { type: "button", text, "aria-pressed": "false", "data-view": id, onclick: () => this.look(id) }));
    const views = this.visible.length > 1 ? element("div", { class: "fb-views", role: "group", "aria-label": "View" }, ...this.tabs) : null;
    this.mixing = element("div", { class: "fb-mixing", hidden: true },
      element("div", { class: "fb-picks" }, ...(this.visible.length > 1 ? [pick("First", "a"), pick("Second", "b")] : []), this.mix), this.stage, (this.stageNote = element("p", { class: "fb-note" })));
    this.grid = element("div", { class: "fb-grid" }, ...this.panes.map((pane) => pane.figure));
    const help = element("details", { class: "fb-help" }, element("summary", { text: "Keyboard" }),
      element("dl", {}, ...HELP.map(([keys, what]) => element("div", {}, element("dt", { text: keys }), element("dd", { text: what })))));
    return [bar, views, this.mixing, this.grid, help].filter(Boolean);
  }

  // ---- the clock ----------------------------------------------------------------------------------------------

  get length() {
    const films = this.films.map((film) => (Number.isFinite(film.medium.duration) ? film.medium.duration : film.seconds || 0));
    const bodies = this.panes.filter((pane) => pane.kind === "body").map((pane) => pane.body.frames.length / pane.body.fps);
    return Math.max(0, ...films, ...bodies);
  }

  get fps() {
    return this.panes.find((pane) => pane.fps)?.fps || this.panes.find((pane) => pane.body)?.body.fps || 25;
  }

  place(film, time) {
    const end = Number.isFinite(film.medium.duration) ? film.medium.duration : Infinity;
    film.medium.currentTime = within(time, 0, Math.max(0, end - 0.001));
  }

  seek(time) {
    this.time = within(time, 0, this.length || time);
    this.films.forEach((film) => this.place(film, this.time));
    this.started = performance.now() - (1000 * this.time) / this.rate;
    this.draw();
  }

  step(frames) {
    this.pause();
    const now = Math.floor(this.time * this.fps + 1e-6);
    this.seek((within(now + frames, 0, Math.ceil(this.length * this.fps) - 1) + 0.5) / this.fps);
  }

  say(label, icon) {
    this.playButton.setAttribute("aria-label", label);
    this.playButton.title = label;
    this.playButton.replaceChildren(drawing(ICONS[icon], "0 0 16 16"));
  }

  toggle() { this.playing ? this.pause() : this.play(); }

  play() {
    if (!this.moving) return;
    if (this.time >= this.length - 0.02) this.seek(0);
    this.playing = true;
    this.started = performance.now() - (1000 * this.time) / this.rate;
    this.films.forEach((film) => { film.medium.playbackRate = this.rate; if (this.time < film.medium.duration) film.medium.play().catch(() => {}); });
    this.say("Pause", "pause");
    this.tick();
  }

  pause() {
    this.playing = false;
    this.films.forEach((film) => film.medium.pause());
    this.films.forEach((film) => this.place(film, this.time));
    this.say("Play", "play");
    this.draw();
  }

  tick() {
    if (!this.playing || this.gone.signal.aborted) return;
    const leader = this.films.find((film) => film.place === this.heard && !film.medium.paused && !film.medium.ended) || this.films.find((film) => !film.medium.paused && !film.medium.ended);
    this.time = leader ? leader.medium.currentTime : within(((performance.now() - this.started) / 1000) * this.rate, 0, this.length);
    for (const film of this.films) {
      const medium = film.medium;
      if (film === leader || medium.seeking || medium.ended || this.time >= medium.duration) continue;
      if (Math.abs(medium.currentTime - this.time) > DRIFT) medium.currentTime = this.time;
    }
    const over = leader ? false : !this.films.length ? this.time >= this.length : this.films.every((film) => film.medium.ended || film.medium.paused);
    if (over) { this.time = this.length; return this.pause(); }
    this.draw();
    requestAnimationFrame(() => this.tick());
  }

  // ---- drawing ------------------------------------------------------------------------------------------------

  refresh() { if (!this.playing) this.draw(); }

  draw() {
    if (!this.slider) return;
    const length = this.length;
    this.slider.max = String(length || 1);
    this.slider.value = String(this.time);
    const frame = this.panes.some((pane) => pane.fps || pane.body) ? ` · frame ${Math.floor(this.time * this.fps + 1e-6) + 1}` : "";
    this.told.textContent = `${clock(this.time)} / ${clock(length)}${frame}`;
    for (const pane of this.panes) {
      if (pane.head) pane.head.style.left = `${within((100 * this.time) / (pane.seconds || 1), 0, 100)}%`;
      if (pane.kind === "matte") this.cut(pane);
      if (pane.kind === "body") this.skeleton(pane);
    }
    if (this.view !== "side") this.blendStage();
  }

  sized(canvas, width, height) {
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    return canvas.getContext("2d", { willReadFrequently: true });
  }

  // The source where the matte is white, nothing where it is black; the checkerboard behind it is the page's style.
  cut(pane) {
    const matte = pane.medium;
    const source = this.panes.find((one) => one.source && one.kind === "video")?.medium;
    if (!matte.videoWidth) return;
    const [width, height] = [matte.videoWidth, matte.videoHeight];
    const context = this.sized(pane.canvas, width, height);
    context.drawImage(matte, 0, 0, width, height);
    const opacity = context.getImageData(0, 0, width, height);
    if (source?.videoWidth) context.drawImage(source, 0, 0, width, height);
    else { context.fillStyle = "#d2503f"; context.fillRect(0, 0, width, height); }
    const picture = context.getImageData(0, 0, width, height);
    for (let at = 0; at < picture.data.length; at += 4) picture.data[at + 3] = opacity.data[at];
    context.putImageData(picture, 0, 0);
  }

  skeleton(pane) {
    const { frames, parents, fps } = pane.body;
    const [width, height] = [480, 480];
    const context = this.sized(pane.canvas, width, height);
    if (!pane.span) {
      const all = frames.flat();
      const of = (axis) => { let low = Infinity, high = -Infinity; for (const joint of all) { low = Math.min(low, joint[axis]); high = Math.max(high, joint[axis]); } return [low, high]; };
      pane.span = [of(0), of(1), of(2)];
    }
    const middle = pane.span.map(([low, high]) => (low + high) / 2);
    const scale = (0.8 * width) / Math.max(1, ...pane.span.map(([low, high]) => high - low));
    const [yaw, pitch] = this.turn;
    const flat = ([x, y, z]) => {
      const [dx, dy, dz] = [x - middle[0], y - middle[1], z - middle[2]];
      const across = dx * Math.cos(yaw) + dz * Math.sin(yaw);
      const deep = -dx * Math.sin(yaw) + dz * Math.cos(yaw);
      return [width / 2 + across * scale, height / 2 - (dy * Math.cos(pitch) - deep * Math.sin(pitch)) * scale];
    };
    context.clearRect(0, 0, width, height);
    const ink = getComputedStyle(pane.figure).color;
    context.strokeStyle = ink;
    context.globalAlpha = 0.25;
    context.lineWidth = 1;
    const [[left, right], [foot], [back, front]] = pane.span;
    for (let part = 0; part <= 4; part += 1) {
      const [x, z] = [left + ((right - left) * part) / 4, back + ((front - back) * part) / 4];
      this.stroke(context, flat([x, foot, back]), flat([x, foot, front]));
      this.stroke(context, flat([left, foot, z]), flat([right, foot, z]));
    }
    context.globalAlpha = 1;
    context.lineWidth = 4;
    context.lineCap = "round";
    context.strokeStyle = pane.colour;
    const joints = frames[within(Math.floor(this.time * fps + 1e-6), 0, frames.length - 1)].map(flat);
    parents.forEach((parent, joint) => { if (parent >= 0) this.stroke(context, joints[joint], joints[parent]); });
  }

  stroke(context, from, to) {
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }

  blendStage() {
    const [a, b] = [this.a, this.b].map((pane) => pane?.shown);
    const width = a?.videoWidth || a?.naturalWidth;
    if (!width || !(b?.videoWidth || b?.naturalWidth)) return;
    const height = a.videoHeight || a.naturalHeight;
    const context = this.sized(this.stage, width, height);
    context.globalAlpha = 1;
    context.globalCompositeOperation = "source-over";
    context.drawImage(a, 0, 0, width, height);
    if (this.view === "difference") {
      context.globalCompositeOperation = "difference";
      context.drawImage(b, 0, 0, width, height);
      context.globalCompositeOperation = "lighter";
      for (let times = 0; times < GAIN; times += 1) context.drawImage(this.stage, 0, 0);
    } else if (this.view === "onion") {
      context.globalAlpha = this.blend;
      context.drawImage(b, 0, 0, width, height);
    } else {
      const edge = Math.round(width * this.blend);
      context.save();
      context.beginPath();
      context.rect(edge, 0, width - edge, height);
      context.clip();
      context.drawImage(b, 0, 0, width, height);
      context.restore();
      context.fillStyle = "#ffffff";
      context.fillRect(edge - 1, 0, 2, height);
    }
    context.globalAlpha = 1;
    context.globalCompositeOperation = "source-over";
  }

  // ---- what people do -----------------------------------------------------------------------------------------

  hear(place) {
    const film = this.panes[place];
    if (!film?.medium || film.kind === "matte") return;
    this.heard = place;
    for (const one of this.films) one.medium.muted = one !== film;
    for (const one of this.panes) {
      one.button?.setAttribute("aria-pressed", String(one === film));
      one.figure.classList.toggle("fb-heard-now", one === film && Boolean(one.button));
    }
  }

  look(view) {
    if (view !== "side" && this.visible.length < 2) return;
    this.view = view;
    this.tabs.forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.view === view)));
    this.mixing.hidden = view === "side";
    this.mix.hidden = view === "difference";
    if (view !== "side") {
      const names = `${this.a.title} and ${this.b.title}`;
      this.stage.setAttribute("aria-label", `${VIEWS.find(([id]) => id === view)[1]} of ${names}`);
      this.stageNote.textContent = view === "difference" ? `What differs between ${names}, ${2 ** GAIN} times as bright; black is the same.` : `${names}: move the slider from the first to the second.`;
    }
    this.draw();
  }

  broken(pane) {
    pane.figure.append(element("p", { class: "fb-note", text: "This browser cannot play it." }));
  }

  async copy() {
    const url = new URL(window.location.href);
    const set = (name, value, usual) => (value === usual ? url.searchParams.delete(name) : url.searchParams.set(name, value));
    set("t", this.time.toFixed(3), "0.000");
    set("view", this.view, "side");
    set("sound", String(this.heard), "-1");
    for (const which of ["a", "b"]) set(which, this.view === "side" ? "" : String(this[which].place), "");
    window.history.replaceState(window.history.state, "", url);
    try {
      await navigator.clipboard.writeText(url.href);
      this.link.textContent = "Link copied";
    } catch {
      this.link.textContent = "The address above is the link";
    }
    setTimeout(() => (this.link.textContent = "Copy link"), 3000);
  }

  key(event) {
    const at = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || (at.matches?.("input:not([type=range]), select, textarea, [contenteditable], [role=combobox]"))) return;
    if (event.key === " " && at.matches?.("button, summary, a, [role=button]")) return;
    if (event.key.startsWith("Arrow") && at.matches?.("[role=radio], [role=tab], [role=gridcell]")) return;
    const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (sideways && this.moving && at !== this.mix) event.shiftKey ? this.seek(this.time + sideways) : this.step(sideways);
    else if (event.key === " " && this.moving) this.toggle();
    else if (event.key === "Home" && this.moving) this.seek(0);
    else if (/^[1-9]$/.test(event.key)) this.hear(Number(event.key) - 1);
    else if ({ s: 1, d: 1, o: 1, w: 1 }[event.key]) this.look({ s: "side", d: "difference", o: "onion", w: "wipe" }[event.key]);
    else if (event.key === "l") this.copy();
    else return;
    event.preventDefault();
  }

  end() {
    this.gone.abort();
    this.playing = false;
    this.films.forEach((film) => film.medium.pause());
  }
}

const open = new WeakMap();

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".fb-viewer");
  const known = open.get(root);
  const wanted = JSON.stringify(data);
  if (known?.wanted === wanted) return known.leave;
  known?.viewer.end();
  const viewer = new Viewer(root, data);
  root.viewer = viewer;
  const leave = () => { viewer.end(); open.delete(root); };
  open.set(root, { viewer, wanted, leave });
  return leave;
}
