// The annotated video as a file, put together and kept in the browser only.

const CLIP_KINDS = [["video/mp4;codecs=avc1", "mp4"], ["video/webm;codecs=vp9", "webm"], ["video/webm", "webm"]];
const LONGEST_CLIP_S = 300;

class Recorder {
  /** paint(context, width, height) draws a whole frame, video and overlay. */
  constructor(video, paint, onend) {
    this.video = video;
    this.paint = paint;
    this.onend = onend;
  }

  static kind() {
    return window.MediaRecorder ? CLIP_KINDS.find(([mime]) => MediaRecorder.isTypeSupported(mime)) : undefined;
  }

  start() {
    const [mime, suffix] = Recorder.kind();
    const canvas = h("canvas", { width: this.video.videoWidth, height: this.video.videoHeight });
    const context = canvas.getContext("2d", { alpha: false });
    const draw = () => { this.paint(context, canvas.width, canvas.height); this.next = requestAnimationFrame(draw); };
    draw();
    const chunks = [];
    this.began = performance.now();
    this.inner = new MediaRecorder(canvas.captureStream(30), { mimeType: mime, videoBitsPerSecond: 4_000_000 });
    this.inner.ondataavailable = ({ data }) => { if (data.size) chunks.push(data); };
    this.inner.onstop = () => {
      cancelAnimationFrame(this.next);
      if (!this.dropped && chunks.length) saveFile(new Blob(chunks, { type: mime.split(";")[0] }), `cvdemo-live.${suffix}`);
      this.onend();
    };
    this.inner.start(1000);
    this.timer = setTimeout(() => this.stop(), LONGEST_CLIP_S * 1000);
  }

  get seconds() { return (performance.now() - this.began) / 1000; }

  stop() {
    clearTimeout(this.timer);
    if (this.inner?.state === "recording") this.inner.stop();
  }

  /** End without a file. */
  drop() {
    this.dropped = true;
    this.stop();
  }
}

function saveFile(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 30_000);
}
