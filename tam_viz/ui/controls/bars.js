/* One number for each frame as bars to draw. */

const [WIDTH, HEIGHT, LEFT, TOP, BELOW] = [360, 210, 34, 10, 26];
const BASE = HEIGHT - BELOW;
const STEP = 0.05;

function make(root) {
  const find = (selector) => root.querySelector(selector);
  const svg = find("svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  const outbox = new Outbox();
  let values = [];
  let own = [];
  let isOwn = true;
  let top = 1;
  let name = "";
  let chosen = 0;

  const wide = () => (WIDTH - LEFT) / values.length;
  const height = (value) => (clamped(value / top, 0, 1) * (BASE - TOP));
  const bars = () => [...root.querySelectorAll('[role="slider"]')];

  /** Makes as many bars as there are frames. */
  const build = () => {
    const each = (text) => values.map((_, i) => text(LEFT + i * wide(), i)).join("");
    find(".bars").innerHTML = each(
      (x) => `<g role="slider" aria-valuemin="0">
        <rect x="${x}" y="${TOP}" width="${wide()}" height="${BASE - TOP}" fill="transparent"></rect>
        <rect class="yours focus" x="${x + wide() * 0.15}" width="${wide() * 0.7}"></rect></g>`,
    );
    find(".owns").innerHTML = each(
      (x) => `<line class="own" x1="${x + wide() * 0.06}" x2="${x + wide() * 0.94}"></line>`,
    );
    find(".names").innerHTML = each(
      (x, i) => `<text x="${x + wide() / 2}" y="${BASE + 17}" text-anchor="middle">${i + 1}</text>`,
    );
    bars().forEach((bar, i) => bar.addEventListener("focus", () => choose(i)));
  };
  const choose = (i) => {
    chosen = i;
    draw();
  };
  const draw = () => {
    find(".control").classList.toggle("is-own", isOwn);
    bars().forEach((bar, i) => {
      const rect = bar.querySelector(".yours");
      rect.setAttribute("y", BASE - height(values[i]));
      rect.setAttribute("height", height(values[i]));
      bar.setAttribute("tabindex", i === chosen ? "0" : "-1");
      bar.setAttribute("aria-label", `${name}, frame ${i + 1}`);
      bar.setAttribute("aria-valuemax", top);
      bar.setAttribute("aria-valuenow", values[i]);
    });
    root.querySelectorAll(".owns line").forEach((line, i) => {
      line.setAttribute("y1", BASE - height(own[i]));
      line.setAttribute("y2", BASE - height(own[i]));
    });
    find(".value").textContent = `frame ${chosen + 1}: ${values[chosen].toFixed(2)}`;
  };
  const show = (i, value) => {
    chosen = i;
    isOwn = false;
    values = values.map((old, j) => rounded(j === i ? clamped(value, 0, top) : old));
    draw();
    outbox.put(values);
  };
  const reset = () => {
    values = own;
    isOwn = true;
    draw();
    outbox.put(null);
    outbox.flush();
  };

  let last = null;
  const held = onDrag(
    svg,
    ({ x, y }) => {
      const i = clamped(Math.floor((x - LEFT) / wide()), 0, values.length - 1);
      const value = ((BASE - y) / (BASE - TOP)) * top;
      // A quick pointer jumps over bars: those between lie on the line from the last one.
      const [from, level] = last ?? [i, value];
      const steps = Math.abs(i - from);
      for (let j = 1; j <= steps; j++) {
        show(from + j * Math.sign(i - from), level + (j / steps) * (value - level));
      }
      show(i, value);
      last = [i, value];
      bars()[i].focus({ preventScroll: true });
    },
    () => {
      last = null;
      outbox.flush();
    },
  );
  svg.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = top * (event.shiftKey ? STEP / 5 : STEP);
    const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const up = { ArrowUp: step, ArrowDown: -step, PageUp: 5 * step, PageDown: -5 * step }[event.key];
    if (sideways) {
      bars()[clamped(chosen + sideways, 0, values.length - 1)].focus();
    } else if (up) {
      show(chosen, values[chosen] + up);
    } else if (event.key === "Home" || event.key === "End") {
      show(chosen, event.key === "Home" ? 0 : top);
    } else if (event.key === "Backspace") {
      reset();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    outbox,
    update(data) {
      [own, top, name] = [data.own, data.top, data.label];
      for (const [part, colour] of Object.entries(data.colours)) {
        find(".control").style.setProperty(`--${part}`, colour);
      }
      find(".own-name").textContent = data.own_name;
      find(".grid").innerHTML = [0, 0.5, 1]
        .map((share) => {
          const y = BASE - share * (BASE - TOP);
          const text = (share * top).toFixed(top < 0.2 ? 2 : 1);
          return `<line class="line" x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}"></line>
            <text x="${LEFT - 5}" y="${y + 4}" text-anchor="end">${text}</text>`;
        })
        .join("");
      const fresh = values.length !== own.length;
      if (fresh || (!held() && outbox.takes(data.value))) {
        values = data.value ?? own;
        isOwn = !data.value;
        chosen = Math.min(chosen, values.length - 1);
        if (fresh) build();
      }
      draw();
    },
  };
}

export default kept(make);
