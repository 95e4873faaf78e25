// Listening: speed, skipping, and the waveform with the evidence on it.  The player works without this script.
"use strict";
const Listening = (() => {
  const player = document.getElementById("player");
  if (!player) return { skip() {}, faster() {} };
  const panes = document.querySelector(".panes");
  const wave = document.getElementById("wave");
  const canvas = wave.querySelector("canvas");
  const head = wave.querySelector(".wave-head");
  const speed = document.getElementById("speed");
  const state = document.getElementById("wave-state");
  let peaks = [];
  let length = 0;
  let shown = [];       // spans of what is selected

  const clock = (s) => {
    const whole = Math.floor(s), two = (n) => String(n).padStart(2, "0");
    return whole >= 3600 ? `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
      : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  };

  // --- speed and skipping -------------------------------------------------------------------------------------------
  function setSpeed(value) {
    speed.value = value;
    player.defaultPlaybackRate = player.playbackRate = Number(speed.value);
    localStorage.setItem("speed", speed.value);
  }
  function faster(step) {
    const at = Math.min(Math.max(speed.selectedIndex + step, 0), speed.options.length - 1);
    setSpeed(speed.options[at].value);
  }
  speed.addEventListener("change", () => setSpeed(speed.value));
  const remembered = localStorage.getItem("speed");
  if ([...speed.options].some((option) => option.value === remembered)) setSpeed(remembered);

  let wanted = null;    // where to go once the recording is open; it is fetched only when somebody listens
  const here = () => wanted ?? player.currentTime;
  player.addEventListener("loadedmetadata", () => {
    if (wanted !== null) player.currentTime = wanted;
    wanted = null;
  });
  function seek(seconds) {
    const to = Math.min(Math.max(seconds, 0), length || player.duration || Math.max(seconds, 0));
    if (player.readyState >= 1) player.currentTime = to;
    else {
      if (wanted === null) player.load();
      wanted = to;
    }
    place(to);
  }
  const skip = (seconds) => seek(here() + seconds);
  document.getElementById("listening").addEventListener("click", (event) => {
    const button = event.target.closest("[data-skip]");
    if (button) skip(Number(button.dataset.skip));
  });

  // --- the waveform -------------------------------------------------------------------------------------------------
  function place(at) {
    if (!length) return;
    head.style.left = `${Math.min(at / length, 1) * 100}%`;
    wave.setAttribute("aria-valuenow", String(Math.round(at)));
    wave.setAttribute("aria-valuetext", `${clock(at)} of ${clock(length)}`);
  }
  function draw() {
    if (!peaks.length) return;
    const width = wave.clientWidth, height = 48, ratio = devicePixelRatio || 1;
    const style = getComputedStyle(wave);
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const brush = canvas.getContext("2d");
    brush.scale(ratio, ratio);
    const mark = (spans, color, top, tall) => {
      brush.fillStyle = color;
      for (const { start, end } of spans) brush.fillRect(start / length * width, top, Math.max((end - start) / length * width, 2), tall);
    };
    mark(shown, style.getPropertyValue("--mark"), 0, height);
    brush.fillStyle = style.getPropertyValue("--muted");
    for (let x = 0; x < width; x += 2) {
      const from = Math.floor(x / width * peaks.length), to = Math.max(from + 1, Math.floor((x + 2) / width * peaks.length));
      let loudest = 0;
      for (let i = from; i < to; i += 1) loudest = Math.max(loudest, peaks[i]);
      const tall = Math.max(loudest / 255 * (height - 10), 1);
      brush.fillRect(x, (height - 6 - tall) / 2, 1.4, tall);
    }
    mark(Evidence.allSpans(), style.getPropertyValue("--linked-edge"), height - 4, 4);
  }
  function at(event) {
    const box = wave.getBoundingClientRect();
    return (event.clientX - box.left) / box.width * length;
  }
  wave.addEventListener("pointerdown", (event) => { wave.setPointerCapture(event.pointerId); seek(at(event)); });
  wave.addEventListener("pointermove", (event) => { if (event.buttons & 1) seek(at(event)); });
  wave.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -30, PageUp: 30, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === " ") { if (player.paused) player.play().catch(() => {}); else player.pause(); }
    else if (step) seek(here() + step);
    else return;
    event.preventDefault();
  });
  player.addEventListener("timeupdate", () => place(here()));
  document.addEventListener("evidence", (event) => { shown = event.detail; draw(); });
  new ResizeObserver(draw).observe(wave);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  async function load(wait) {
    const answer = await Server.get(`/drafts/${panes.dataset.draft}/waveform`).catch(() => ({}));
    if (answer.status === 202 && wait < 60000) {
      state.textContent = "Drawing the recording …";
      setTimeout(() => load(wait * 1.5), wait);
      return;
    }
    state.textContent = "";
    if (answer.status !== 200 || !answer.peaks.length) return;
    ({ peaks, duration: length } = answer);
    wave.hidden = false;
    wave.setAttribute("aria-valuemax", String(Math.round(length)));
    place(here());
    draw();
  }
  load(500);
  return { skip, faster };
})();
