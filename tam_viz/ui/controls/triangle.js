/* A kernel of three shares as a point in a triangle: past, present, future. */

const TAPS = ["past", "present", "future"];
const CORNERS = [
  [40, 254],
  [180, 34],
  [320, 254],
];
const CORNER_KEYS = { Home: [1, 0, 0], PageUp: [0, 1, 0], End: [0, 0, 1] };
const STEP = 0.05;

function toPlace(shares) {
  return [0, 1].map((axis) => shares.reduce((sum, s, i) => sum + s * CORNERS[i][axis], 0));
}

/** Shares of the nearest place in the triangle. */
function toShares({ x, y }) {
  const [left, top, right] = CORNERS;
  const present = (left[1] - y) / (left[1] - top[1]);
  const future = (x - left[0] - present * (top[0] - left[0])) / (right[0] - left[0]);
  return inTriangle([1 - present - future, present, future]);
}

function inTriangle(shares) {
  const kept = shares.map((share) => Math.max(0, share));
  const sum = kept[0] + kept[1] + kept[2];
  const [past, present] = kept.map((share) => rounded(share / sum));
  return [past, present, rounded(Math.max(0, 1 - past - present))];
}

/** The shares after an arrow key; along an edge the point slides towards the corner. */
function moved([past, present, future], key, step) {
  if (key === "ArrowUp") return inTriangle([past * gone(present, step), present + step, future * gone(present, step)]);
  if (key === "ArrowDown") {
    const given = Math.min(step, present);
    const side = past + future;
    const part = side > 0 ? past / side : 0.5;
    return inTriangle([past + given * part, present - given, future + given * (1 - part)]);
  }
  const [from, to] = key === "ArrowRight" ? [past, future] : [future, past];
  const taken = Math.min(step, from);
  const rest = Math.min(step - taken, present);
  const after = [from - taken, present - rest, to + taken + rest];
  return inTriangle(key === "ArrowRight" ? after : after.reverse());
}

/** What is left of the other shares when the present takes a step more. */
function gone(present, step) {
  return present >= 1 ? 0 : Math.max(0, 1 - present - step) / (1 - present);
}

function make(root) {
  const find = (selector) => root.querySelector(selector);
  const svg = find("svg");
  const point = find('[role="slider"]');
  const outbox = new Outbox();
  let shares = [1 / 3, 1 / 3, 1 / 3];
  let own = shares;
  let isOwn = true;

  const put = (element, at) => {
    const [x, y] = toPlace(at);
    element.setAttribute("transform", `translate(${x},${y})`);
  };
  const draw = () => {
    put(point, shares);
    find(".control").classList.toggle("is-own", isOwn);
    const words = TAPS.map((tap, i) => `${tap} ${shares[i].toFixed(2)}`);
    point.setAttribute("aria-valuenow", shares[1].toFixed(2));
    point.setAttribute("aria-valuetext", words.join(", "));
    find(".values").innerHTML = words
      .map((word, i) => `<b style="border-color: var(--${TAPS[i]})">${word}</b>`)
      .join("");
  };
  const show = (next) => {
    shares = next;
    isOwn = false;
    draw();
    outbox.put(shares);
  };
  const reset = () => {
    shares = own;
    isOwn = true;
    draw();
    outbox.put(null);
    outbox.flush();
  };

  const held = onDrag(
    svg,
    (place) => {
      point.focus({ preventScroll: true });
      show(toShares(place));
    },
    () => outbox.flush(),
  );
  point.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key.startsWith("Arrow")) {
      show(moved(shares, event.key, event.shiftKey ? STEP / 5 : STEP));
    } else if (event.key in CORNER_KEYS) {
      show(CORNER_KEYS[event.key]);
    } else if (event.key === "Backspace") {
      reset();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  find(".lines").innerHTML = [0.25, 0.5, 0.75]
    .flatMap((share) =>
      [0, 1, 2].map((tap) => {
        const ends = [1, 2].map((turn) => {
          const at = [0, 0, 0];
          at[tap] = share;
          at[(tap + turn) % 3] = 1 - share;
          return toPlace(at);
        });
        const [[x1, y1], [x2, y2]] = ends;
        return `<line class="line" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"></line>`;
      }),
    )
    .join("");

  return {
    outbox,
    update(data) {
      own = data.own;
      point.setAttribute("aria-label", data.label);
      for (const [name, colour] of Object.entries(data.colours)) {
        find(".control").style.setProperty(`--${name}`, colour);
      }
      put(find(".own"), own);
      find(".untrained").style.display = data.untrained ? "" : "none";
      find(".of-untrained").style.display = data.untrained ? "" : "none";
      if (data.untrained) put(find(".untrained"), data.untrained);
      if (!held() && outbox.takes(data.value)) {
        shares = data.value ?? own;
        isOwn = !data.value;
        draw();
      }
    },
  };
}

export default kept(make);
