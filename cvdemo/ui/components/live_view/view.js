// The live page: camera, socket, drawing and settings held together. Streamlit calls the function at the end after every
// change of data; what runs must outlive that, and end when the page is left.

const QUIET_MS = 20_000;
const STALE_MS = 2_500;

class LiveView {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.root = root;
    this.video = find("video");
    this.canvas = find(".overlay");
    this.frame = find(".frame");
    this.card = find(".card");
    this.badge = find(".badge");
    this.poster = find(".poster");
    this.buttons = find(".buttons");
    this.camera = new Camera(this.video, () => this.end(...CAMERA_PROBLEMS.gone));
    this.capture = new Capture(this.video);
    this.figures = new Figures(find(".figures"));
    this.strip = new MapStrip(find(".strip"), () => this.paint());
    this.number = 0;
    this.flying = null;
    this.last = null;
    this.watch = () => { if (document.hidden) this.flying = null; else this.next(); };
    this.leavePage = () => this.stop(false);
    document.addEventListener("visibilitychange", this.watch);
    window.addEventListener("pagehide", this.leavePage);
    this.resized = new ResizeObserver(() => this.paint());
    this.resized.observe(this.frame);
  }

  /** Called with every change of data; the first time builds what needs it. */
  update({ data, setTriggerValue, setStateValue }) {
    clearTimeout(this.leaving);
    this.data = data;
    this.trigger = setTriggerValue;
    this.keep ??= debounce(() => this.store("settings", this.settings.choice), 700);
    this.store = setStateValue;
    if (this.settings) return;
    this.poster.src = data.poster;
    this.poster.alt = data.posterAlt;
    this.answer = new AnswerPanel(this.root.querySelector(".answer"), data.plurals);
    this.settings = new SettingsPanel(this.root.querySelector(".settings"), data.models, data.settings, (choice, server) => {
      if (server) this.tell();
      this.keep();
      this.paint();
    });
    this.tell = debounce(() => this.link?.settings(this.settings.forServer()), 60);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.link = new Link(`${scheme}://${location.host}${data.path}`, {
      message: (message) => this.hear(message),
      answer: (head, parts) => this.receive(head, parts),
      lost: (seconds) => this.lost(seconds),
      closed: (title, text) => this.end(title, text),
    });
    this.makeButtons();
    this.idle();
  }

  // --- states -------------------------------------------------------------------------------------------------------

  /** state: for tests and styles. title, text: the card over the picture, none without a title. */
  enter(state, title = "", text = "", ...buttons) {
    this.state = state;
    this.root.dataset.state = state;
    this.card.hidden = !title;
    this.card.replaceChildren(h("h3", { text: title }), h("p", { text }), h("div", { class: "row" }, ...buttons));
    const live = ["running", "paused"].includes(state);
    this.poster.hidden = Boolean(this.camera.stream);
    this.video.hidden = this.canvas.hidden = !this.camera.stream;
    for (const button of [this.pauseButton, this.snapButton, this.recordButton]) button.disabled = !live;
    if (state === "paused" && !this.recorder) this.recordButton.disabled = true;
    this.stopButton.hidden = this.mirrorControl.hidden = !this.camera.stream;
    this.flipButton.hidden = !this.camera.stream || !this.several || Boolean(this.camera.sample);
    this.pauseButton.textContent = state === "paused" ? "Go on" : "Pause";
    this.badge.hidden = state !== "paused";
    this.badge.textContent = "Paused";
  }

  idle() {
    this.enter("idle", "Your camera, seen by a network",
      "Frames go to this server, are answered and forgotten; nothing is stored.", this.startButton(), this.sampleButton());
  }

  startButton(text = "Start the camera") {
    return h("button", { class: "push primary", type: "button", text, onclick: () => this.start(() => this.camera.start()) });
  }

  sampleButton() {
    return h("button", { class: "push", type: "button", text: "Use a sample picture",
      onclick: () => this.start(() => this.camera.startSample(this.data.poster)) });
  }

  async start(open) {
    this.enter("asking", "Waiting for the camera", "Your browser asks whether this page may use it; choose Allow.");
    try {
      await open();
      this.several = await this.camera.several();
    } catch (problem) {
      if (problem === "left") return;
      const known = CAMERA_PROBLEMS[problem] ? problem : "used";
      this.end(...CAMERA_PROBLEMS[known], known);
      return;
    }
    if (this.left) { this.camera.stop(); return; }
    this.mirror = this.settings.choice.mirror ?? this.camera.faces;
    this.applyMirror();
    this.frame.style.setProperty("--ratio", this.video.videoWidth / this.video.videoHeight);
    this.figures.reset();
    this.watchCamera();
    this.enter("connecting", "Connecting to the server", "");
    this.link.open();
  }

  /** Off with everything, and say why. */
  end(title, text, problem = "ended") {
    this.stop();
    this.enter(problem, title, text, this.startButton("Start again"), this.sampleButton());
  }

  stop(keepClip = true) {
    this.link?.close();
    if (keepClip) this.recorder?.stop(); else this.recorder?.drop();
    this.camera.stop();
    this.flying = this.last = null;
    this.legend = null;
    clearTimeout(this.quiet);
    this.clear();
  }

  clear() {
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.answer?.clear();
    this.figures.node.hidden = true;
    this.strip.node.hidden = true;
  }

  /** A network that is there already is ready before anybody could read a card. */
  loading() {
    const show = () => this.enter("loading", "Getting the network ready", "The first time takes some seconds.");
    clearTimeout(this.patience);
    if (!this.last) { show(); return; }
    this.enter("loading");
    this.patience = setTimeout(() => { if (this.state === "loading") show(); }, 700);
  }

  lost(seconds) {
    this.flying = this.last = null;
    this.paint();
    this.enter("lost", "The connection was lost", `Trying again in ${Math.max(1, Math.round(seconds))} s.`,
      h("button", { class: "push primary", type: "button", text: "Try now", onclick: () => { this.enter("connecting", "Connecting to the server"); this.link.open(); } }));
  }

  /** The page is left: at once, or in a moment, when Streamlit only draws it again. */
  leave() {
    this.keep?.flush();
    this.leaving = setTimeout(() => {
      if (this.root.isConnected) return;
      this.left = true;
      this.stop(false);
      document.removeEventListener("visibilitychange", this.watch);
      window.removeEventListener("pagehide", this.leavePage);
      this.resized.disconnect();
    }, 60);
  }

  // --- the stream ---------------------------------------------------------------------------------------------------

  hear(message) {
    if (message.type === "hello") {
      this.loading();
      this.link.settings(this.settings.forServer());
    } else if (message.type === "queue") {
      this.enter("queue", "The live page is busy", message.position === 1
        ? "You are next. Your turn comes when one of the others stops."
        : `You are number ${message.position} in the queue. Your turn comes by itself.`);
    } else if (message.type === "loading") {
      clearTimeout(this.quiet);
      this.loading();
    } else if (message.type === "ready") {
      if (this.legend?.model !== message.model) { this.last = null; this.paint(); this.answer.clear(); this.figures.reset(); this.watchCamera(); }
      this.legend = message;
      this.settings.ready(message, this.refused);
      this.refused = false;
      if (this.flying) this.expect();
      this.capture.suit(message.follows ? message.side * 2 : message.side);
      this.enter(this.video.paused ? "paused" : "running");
      this.next();
    } else if (message.type === "problem") {
      this.say(message.text);
      this.refused ||= message.frame === undefined;
      if (message.frame === undefined && this.legend) this.enter(this.video.paused ? "paused" : "running");
      this.flying = null;
      setTimeout(() => this.next(), 200);
    }
  }

  say(text) {
    this.badge.hidden = false;
    this.badge.textContent = text;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.badge.hidden = this.state !== "paused"; this.badge.textContent = "Paused"; }, 4000);
  }

  watchCamera() {
    const video = this.video;
    const turn = (this.cameraTurn = (this.cameraTurn ?? 0) + 1);
    const each = (now, { presentedFrames }) => {
      if (turn !== this.cameraTurn || !this.camera.stream) return;
      this.figures.saw(presentedFrames, performance.now());
      this.fresh = true;
      this.next();
      video.requestVideoFrameCallback(each);
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(each);
    else this.fresh = true;
  }

  /** Send the newest frame, if it is time: one is on the way at most, and none is sent twice. */
  async next() {
    if (this.state !== "running" || this.flying || document.hidden || !this.link.isOpen || !this.video.videoWidth) return;
    if (!this.fresh && this.video.requestVideoFrameCallback) return;
    this.fresh = false;
    const flying = (this.flying = { number: (this.number = (this.number + 1) % 2 ** 31), at: performance.now() });
    this.expect();
    const blob = await this.capture.take();
    if (this.flying === flying && blob) await this.link.frame(flying.number, blob);
  }

  /** An answer is due; a connection that stays silent is as good as lost. Loading a network may take longer. */
  expect() {
    const flying = this.flying;
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => { if (flying && this.flying === flying) { this.link.close(); this.link.retry(); } }, QUIET_MS);
  }

  async receive(head, parts) {
    const flying = this.flying;
    if (!flying || head.frame !== flying.number || !this.legend || head.task !== this.legend.task) { this.flying = null; this.next(); return; }
    const now = performance.now();
    const trip = now - flying.at;
    this.capture.learn(trip, this.figures.add(head, trip, now));
    this.flying = null;
    this.next();
    const pictures = {};
    for (const [name, blob] of Object.entries(parts)) pictures[name] = await createImageBitmap(blob);
    if (!this.legend || head.task !== this.legend.task) return;
    for (const bitmap of Object.values(this.last?.pictures ?? {})) bitmap.close();
    this.last = { head, pictures };
    this.paint();
    this.figures.show(this.capture, now);
    const words = this.answer.show(head, this.legend, now);
    if (words !== null) this.canvas.setAttribute("aria-label", words);
    this.strip.show(head, pictures.maps, this.legend);
    this.root.dataset.answers = Number(this.root.dataset.answers ?? 0) + 1;
    clearTimeout(this.stale);
    this.stale = setTimeout(() => { if (this.state === "running" && this.last?.head === head) { this.last = null; this.paint(); } }, STALE_MS);
  }

  paint() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const [width, height] = [this.frame.clientWidth, this.frame.clientHeight];
    const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== tall) Object.assign(this.canvas, { width: wide, height: tall });
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, wide, tall);
    if (!this.last || !this.legend) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawAnswer(context, [width, height], this.last, this.legend, this.settings.choice, this.mirror, this.strip.chosen);
  }

  /** Video and overlay together, as they are seen, for the recorder. */
  compose(context, width, height) {
    context.save();
    if (this.mirror) { context.translate(width, 0); context.scale(-1, 1); }
    context.drawImage(this.video, 0, 0, width, height);
    context.restore();
    if (this.last && this.legend) drawAnswer(context, [width, height], this.last, this.legend, this.settings.choice, this.mirror, this.strip.chosen);
    const seconds = Math.floor(this.recorder?.seconds ?? 0);
    this.recordButton.textContent = `Stop recording (${seconds} s)`;
  }

  // --- buttons ------------------------------------------------------------------------------------------------------

  makeButtons() {
    const button = (text, title, onclick) => h("button", { class: "push", type: "button", text, title, onclick });
    this.pauseButton = button("Pause", "Stop sending frames; the picture stays", () => this.pause());
    this.snapButton = button("Snapshot", "Make this the picture of the other pages", () => {
      this.trigger("snapshot", this.capture.still());
      this.say("Taken: now the picture of the other pages");
    });
    this.recordButton = button("Record", "Save the annotated video as a file; it is made in your browser", () => this.record());
    this.flipButton = button("Other camera", "Front or rear camera", () => this.flip());
    this.stopButton = button("Stop", "Camera off", () => { this.stop(); this.idle(); });
    this.mirrorControl = tick("Mirror", "As in a mirror: your left is on the left", { checked: false, onchange: (on) => {
      this.mirror = on;
      this.applyMirror();
      this.settings.set({ mirror: on });
    } });
    if (!Recorder.kind()) this.recordButton.hidden = true;
    this.buttons.replaceChildren(this.pauseButton, this.snapButton, this.recordButton, this.flipButton, this.stopButton, this.mirrorControl);
  }

  applyMirror() {
    this.mirrorControl.set(this.mirror);
    this.video.classList.toggle("mirrored", this.mirror);
    this.paint();
  }

  pause() {
    if (this.state === "paused") { this.video.play(); this.enter("running"); this.next(); return; }
    this.video.pause();
    this.enter("paused");
  }

  record() {
    if (this.recorder) { this.recorder.stop(); return; }
    this.recorder = new Recorder(this.video, (...canvas) => this.compose(...canvas), () => {
      this.recorder = null;
      this.recordButton.textContent = "Record";
      this.recordButton.classList.remove("on");
    });
    this.recordButton.classList.add("on");
    this.recorder.start();
  }

  flip() {
    this.camera.facing = this.camera.facing === "user" ? "environment" : "user";
    this.link.close();
    this.settings.choice.mirror = null;
    this.start(() => this.camera.start());
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".root");
  const view = (root.live ??= new LiveView(root));
  view.update(component);
  return () => view.leave();
}
