// The scatter of a report: any two columns, a third as colour. Data stand in the page as JSON with
// base64 columns of 32-bit numbers; nothing is fetched. All text goes in as text, never as HTML.
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const get = (id) => document.getElementById(id);
  const MAP = [[68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 145, 140],
    [40, 174, 128], [94, 201, 98], [173, 220, 48], [225, 227, 50]];  // viridis, without its end
  const KINDS = ["#0072B2", "#D55E00", "#E69F00", "#CC79A7", "#56B4E9", "#009E73", "#000000",
    "#999999"];
  const STEPS = 48, NEAR = 12;

  function numbers(text) {
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    const view = new DataView(bytes.buffer), out = new Float64Array(raw.length / 4);
    for (let i = 0; i < out.length; i++) out[i] = view.getFloat32(4 * i, true);
    return out;
  }

  const columns = new Map(data.columns.map((c) => [c.name, { ...c, values: null }]));
  const values = (name) => {
    const c = columns.get(name);
    return c.values || (c.values = numbers(c.data));
  };

  function ramp(t) {
    const s = Math.min(Math.max(t, 0), 1) * (MAP.length - 1), i = Math.min(Math.floor(s),
      MAP.length - 2), f = s - i;
    return "rgb(" + MAP[i].map((v, k) => Math.round(v + f * (MAP[i + 1][k] - v))).join() + ")";
  }

  const short = (v) => Number.isFinite(v) ? String(Number(v.toPrecision(6))) : "–";
  const shown = (name, v) => {
    const kinds = columns.get(name).kinds;
    return kinds ? kinds[v] : short(v);
  };

  function fill(select, first) {
    for (const name of columns.keys()) select.add(new Option(name, name, false, name === first));
  }

  // ---- what is drawn: the choice stands in the address, so that it can be kept
  function wish() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const pick = (key, other) => columns.has(asked.get(key)) ? asked.get(key) : other;
    fill(get("x"), pick("x", data.x));
    fill(get("y"), pick("y", data.y));
    fill(get("c"), pick("c", data.c));
    get("logx").checked = (asked.get("log") || "").includes("x");
    get("logy").checked = (asked.get("log") || "").includes("y");
    get("logc").checked = (asked.get("log") || "").includes("c");
    get("good").checked = asked.get("good") === "1";
  }

  function keep() {
    const log = ["x", "y", "c"].filter((k) => get("log" + k).checked).join("");
    const now = new URLSearchParams({ x: get("x").value, y: get("y").value, c: get("c").value });
    if (log) now.set("log", log);
    if (get("good").checked) now.set("good", "1");
    history.replaceState(null, "", "#" + now);
  }

  function selected() {
    const x = values(get("x").value), y = values(get("y").value), inside = values("in_target");
    const rows = [];
    for (let i = 0; i < x.length; i++) {
      const usable = Number.isFinite(x[i]) && Number.isFinite(y[i]) &&
        (!get("logx").checked || x[i] > 0) && (!get("logy").checked || y[i] > 0);
      if (usable && (!get("good").checked || inside[i] === 1)) rows.push(i);
    }
    return rows;
  }

  // ---- colours: rows of each colour together, the smallest values on top
  function paint(rows) {
    const name = get("c").value, c = values(name), kinds = columns.get(name).kinds;
    const log = get("logc").checked && !kinds, groups = new Map();
    const put = (key, colour, i) => {
      if (!groups.has(key)) groups.set(key, { colour, rows: [] });
      groups.get(key).rows.push(i);
    };
    if (kinds) {
      const count = new Array(kinds.length).fill(0);
      rows.forEach((i) => count[c[i]]++);
      const order = kinds.map((_, k) => k).filter((k) => count[k]);
      rows.forEach((i) => put(c[i], KINDS[Math.min(order.indexOf(c[i]), KINDS.length - 1)], i));
      return { groups: [...groups.values()], kinds: order.map((k, j) =>
        [kinds[k] + " (" + count[k] + ")", KINDS[Math.min(j, KINDS.length - 1)]]) };
    }
    const scale = (v) => log ? (v > 0 ? Math.log10(v) : NaN) : v;
    const known = rows.map((i) => scale(c[i])).filter(Number.isFinite).sort((a, b) => a - b);
    if (!known.length) {
      rows.forEach((i) => put(-1, "#bbb", i));
      return { groups: [...groups.values()], none: true };
    }
    const low = known[0];
    let high = known[Math.floor(0.95 * (known.length - 1))];
    // the target fills two thirds of the scale: else it would be one colour
    const edge = name === data.c && data.edge !== null ? scale(data.edge) : NaN;
    if (edge > low && edge < high) high = Math.min(high, low + 1.5 * (edge - low));
    if (!(high > low)) high = known[known.length - 1] > low ? known[known.length - 1] : low + 1;
    rows.forEach((i) => {
      const t = (scale(c[i]) - low) / (high - low);
      const step = Number.isNaN(t) ? -1 : Math.min(STEPS - 1, Math.floor(Math.min(t, 1) * STEPS));
      put(step, step < 0 ? "#ccc" : ramp((step + 0.5) / STEPS), i);
    });
    const order = [...groups.keys()].sort((a, b) => b - a);
    const blank = order.indexOf(-1);
    if (blank >= 0) order.unshift(order.splice(blank, 1)[0]);
    const back = (v) => log ? 10 ** v : v;
    return { groups: order.map((k) => groups.get(k)), low: back(low), high: back(high) };
  }

  function legend(painted) {
    const bar = get("bar"), name = get("c").value;
    bar.replaceChildren();
    const add = (text) => bar.append(Object.assign(document.createElement("span"),
      { textContent: text }));
    if (painted.kinds) {
      for (const [text, colour] of painted.kinds) {
        const item = document.createElement("span"), dot = document.createElement("i");
        dot.style.background = colour;
        item.append(dot, text);
        bar.append(item);
      }
    } else if (painted.none) {
      add("no number in " + name + " for these points");
    } else {
      const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 10 });
      const pen = canvas.getContext("2d");
      for (let i = 0; i < 160; i++) {
        pen.fillStyle = ramp(i / 160);
        pen.fillRect(i, 0, 1, 10);
      }
      add(name + ":  " + short(painted.low));
      bar.append(canvas);
      add(short(painted.high) + " and above; grey: no number");
    }
  }

  // ---- the plot
  let plot = null, rows = [], painted = null;

  function dots(u) {
    const pen = u.ctx, size = (rows.length > 3000 ? 1.6 : 2.6) * devicePixelRatio;
    const x = values(get("x").value), y = values(get("y").value);
    pen.save();
    pen.beginPath();
    pen.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    pen.clip();
    for (const group of painted.groups) {
      pen.fillStyle = group.colour;
      pen.beginPath();
      for (const i of group.rows) {
        const px = u.valToPos(x[i], "x", true), py = u.valToPos(y[i], "y", true);
        pen.moveTo(px + size, py);
        pen.arc(px, py, size, 0, 2 * Math.PI);
      }
      pen.fill();
    }
    pen.restore();
    return null;
  }

  function range(log) {
    return (u, low, high) => {
      if (!(high > low)) return log ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
      const f = 0.03;
      return log ? [low * (low / high) ** f, high * (high / low) ** f] :
        [low - f * (high - low), high + f * (high - low)];
    };
  }

  function draw() {
    keep();
    rows = selected();
    painted = paint(rows);
    legend(painted);
    if (plot) plot.destroy();
    const x = values(get("x").value), y = values(get("y").value);
    const width = Math.min(get("plot").clientWidth || 900, 1000);
    const tone = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
    const axis = (name) => ({ label: name, labelSize: 22, font: "12px system-ui, sans-serif",
      labelFont: "13px system-ui, sans-serif", stroke: tone("--text"), size: 64,
      grid: { stroke: tone("--line"), width: 0.5 },
      values: (u, ticks) => ticks.map((v) => v == null ? "" : short(v)) });
    plot = new uPlot({
      mode: 2, width, height: Math.round(0.6 * width), legend: { show: false },
      cursor: { drag: { x: true, y: true, uni: 20 }, points: { show: false } },
      scales: { x: { time: false, distr: get("logx").checked ? 3 : 1,
        range: range(get("logx").checked) },
        y: { distr: get("logy").checked ? 3 : 1, range: range(get("logy").checked) } },
      axes: [axis(get("x").value), axis(get("y").value)],
      series: [{}, { facets: [{ scale: "x", auto: true }, { scale: "y", auto: true }],
        paths: dots }],
    }, [null, [rows.map((i) => x[i]), rows.map((i) => y[i])]], get("plot"));
    plot.over.addEventListener("mousemove", point);
    plot.over.addEventListener("mouseleave", () => { get("tip").style.display = "none"; });
    plot.over.addEventListener("click", (e) => { const i = nearest(e); if (i >= 0) table(i); });
    get("count").textContent = rows.length + " points are drawn";
    document.body.dataset.drawn = rows.length;
  }

  function nearest(event) {
    const x = values(get("x").value), y = values(get("y").value);
    let best = -1, least = NEAR * NEAR;
    for (const i of rows) {
      const dx = plot.valToPos(x[i], "x") - event.offsetX;
      const dy = plot.valToPos(y[i], "y") - event.offsetY;
      if (dx * dx + dy * dy < least) { least = dx * dx + dy * dy; best = i; }
    }
    return best;
  }

  function point(event) {
    const i = nearest(event), tip = get("tip");
    tip.style.display = i < 0 ? "none" : "block";
    if (i < 0) return;
    tip.textContent = ["id", get("x").value, get("y").value, get("c").value, "status"]
      .filter((n, k, all) => all.indexOf(n) === k)
      .map((n) => n + " = " + shown(n, values(n)[i])).join("\n");
    const over = plot.over.getBoundingClientRect(), box = get("plot").getBoundingClientRect();
    tip.style.left = event.offsetX + over.left - box.left + 14 + "px";
    tip.style.top = event.offsetY + over.top - box.top + 10 + "px";
  }

  function table(i) {
    const body = get("point");
    body.replaceChildren();
    for (const name of columns.keys()) {
      const row = body.insertRow();
      row.insertCell().textContent = name;
      row.insertCell().textContent = shown(name, values(name)[i]);
    }
    get("chosen").hidden = false;
  }

  wish();
  for (const id of ["x", "y", "c", "logx", "logy", "logc", "good"])
    get(id).addEventListener("change", draw);
  get("which").addEventListener("change", () => {
    const i = values("id").indexOf(Number(get("which").value));
    if (i >= 0) table(i);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  let wait = 0;
  addEventListener("resize", () => { clearTimeout(wait); wait = setTimeout(draw, 150); });
  draw();
}());
