// The camera and its stand-in. Whatever happens becomes one of a few problems with a sentence each.

const CAMERA_PROBLEMS = {
  insecure: ["This page has no right to a camera", "Browsers give it only to pages with https:// (or on localhost). Open the page that way."],
  denied: ["The camera was not allowed", "Click the camera or lock sign beside the address, allow the camera for this page, then start again."],
  none: ["No camera was found", "Plug one in and start again, or watch a sample picture move."],
  used: ["The camera does not answer", "Another program may be using it. Close that one, then start again."],
  gone: ["The camera has stopped", "It was unplugged or switched off. Start again when it is back."],
};

class Camera {
  constructor(video, onend) {
    this.video = video;
    this.onend = onend;
    this.facing = "user";
    this.stream = null;
  }

  /** Ask for the camera and show it. Throws a key of CAMERA_PROBLEMS. */
  async start() {
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw "insecure";
    const wish = { facingMode: this.facing, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
      // Whoever left the page while the browser asked does not want the light on.
      if (turn !== this.turn) { stream.getTracks().forEach((track) => track.stop()); throw "left"; }
      await this.show(stream);
    } catch (error) {
      if (typeof error === "string") throw error;
      if (["NotAllowedError", "SecurityError"].includes(error.name)) throw "denied";
      throw ["NotFoundError", "OverconstrainedError"].includes(error.name) ? "none" : "used";
    }
  }

  async show(stream) {
    this.release();
    this.stream = stream;
    stream.getVideoTracks()[0].onended = () => this.onend();
    this.video.srcObject = stream;
    await this.video.play();
  }

  /** Whether the picture comes from the side of the screen, so that people expect a mirror. */
  get faces() {
    const track = this.stream?.getVideoTracks()[0];
    return track?.getSettings?.().facingMode !== "environment" && !this.sample;
  }

  async several() {
    const devices = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
    return devices.filter(({ kind }) => kind === "videoinput").length > 1;
  }

  release() {
    this.sample?.stop();
    this.sample = null;
    for (const track of this.stream?.getTracks() ?? []) { track.onended = null; track.stop(); }
    this.stream = null;
  }

  /** Switch everything off, the light included. */
  stop() {
    this.turn = (this.turn ?? 0) + 1;
    this.release();
    this.video.srcObject = null;
  }

  /** A still picture moved about, for those without a camera. */
  async startSample(src) {
    const sample = new MovingPicture(src);
    await sample.ready;
    await this.show(sample.start());
    this.sample = sample;
  }
}

/** A picture seen through a window that wanders over it; gives a stream like a camera's. */
class MovingPicture {
  constructor(src) {
    this.picture = new Image();
    this.picture.src = src;
    this.ready = this.picture.decode();
    this.canvas = h("canvas", { width: 640, height: 480 });
  }

  start() {
    const began = performance.now();
    this.timer = setInterval(() => this.draw((performance.now() - began) / 1000), 40);
    this.draw(0);
    return this.canvas.captureStream(25);
  }

  draw(t) {
    const { naturalWidth: wide, naturalHeight: tall } = this.picture;
    const { width, height } = this.canvas;
    const scale = Math.max(width / wide, height / tall) * (1.12 + 0.08 * Math.sin(t / 3));
    const x = (width - wide * scale) * (0.5 + 0.5 * Math.sin(t / 2));
    const y = (height - tall * scale) * (0.5 + 0.35 * Math.cos(t / 2.7));
    this.canvas.getContext("2d").drawImage(this.picture, x, y, wide * scale, tall * scale);
  }

  stop() {
    clearInterval(this.timer);
  }
}
