/* What a reader draws goes to Python at most every PAUSE_MS. What comes back from Python meanwhile
   is older than what is on the screen, so it is left aside until it agrees with what was sent. */

const PAUSE_MS = 120;
const PATIENCE_MS = 3000;

class Outbox {
  constructor() {
    this.deliver = () => {};
    this.waiting = undefined;
    this.sent = undefined;
    this.sentAt = 0;
    this.timer = null;
  }

  put(value) {
    this.waiting = value;
    this.timer ??= setTimeout(() => this.flush(), PAUSE_MS);
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.waiting === undefined) return;
    this.sent = JSON.stringify(this.waiting);
    this.sentAt = Date.now();
    this.deliver(this.waiting);
    this.waiting = undefined;
  }

  /** Whether a value from Python is to be shown. */
  takes(value) {
    if (this.waiting !== undefined) return false;
    const late = Date.now() - this.sentAt > PATIENCE_MS;
    if (this.sent !== undefined && this.sent !== JSON.stringify(value) && !late) return false;
    this.sent = undefined;
    return true;
  }
}

const rounded = (value) => Number(value.toFixed(4));
const clamped = (value, low, high) => Math.min(high, Math.max(low, value));

/** The place of a pointer in the units of an SVG. */
function placeIn(svg, event) {
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
}

/** Calls `move` while a pointer is held down on an SVG, and `end` when it is let go. */
function onDrag(svg, move, end) {
  let held = false;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = true;
    svg.setPointerCapture(event.pointerId);
    move(placeIn(svg, event));
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => held && move(placeIn(svg, event)));
  const let_go = () => {
    if (held) end();
    held = false;
  };
  svg.addEventListener("pointerup", let_go);
  svg.addEventListener("pointercancel", let_go);
  return () => held;
}

const made = new WeakMap();

/** Streamlit calls a component again whenever its data change: what was made then is kept. */
function kept(make) {
  return ({ parentElement, data, setTriggerValue }) => {
    if (!made.has(parentElement)) made.set(parentElement, make(parentElement));
    const control = made.get(parentElement);
    control.outbox.deliver = (value) => setTriggerValue("value", { drawn: value });
    control.update(data);
  };
}
