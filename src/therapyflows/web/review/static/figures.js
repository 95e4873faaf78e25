// Plots beside their tables: every number is read from the table, so that there is one truth for eye and ear.
"use strict";
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const STROKES = ["--therapist", "--accent", "--wrong", "--own"];
  const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4]];  // not by colour alone
  const HEIGHT = 190;
  const number = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value));
  const axis = (more) => ({ stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") }, ...more });

  function lines(figure) {
    const table = document.getElementById(figure.dataset.lines);
    if (!table) return null;
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    const columns = figure.dataset.columns.split(" ").map((name) => heads.findIndex((head) => head.dataset.column === name));
    const days = rows.map((row) => Date.parse(`${row.querySelector("time").dateTime}T12:00:00`) / 1000);
    const unit = figure.dataset.unit ? ` ${figure.dataset.unit}` : "";
    const series = columns.map((at, i) => ({
      label: heads[at].textContent, stroke: colour(STROKES[i]), dash: DASHES[i], width: 2, spanGaps: true,
      points: { show: rows.length < 15 }, value: (_, value) => (value === null ? "–" : `${value}${unit}`),
    }));
    return {
      options: { scales: { y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.1] } }, series: [{ label: "Day", value: "{YYYY}-{MM}-{DD}" }, ...series], axes: [axis(), axis({ size: 46 })] },
      data: [days, ...columns.map((at) => rows.map((row) => number(row.cells[at])))],
    };
  }
  function bars(figure) {
    const table = document.getElementById(figure.dataset.bars);
    if (!table) return null;
    const rows = [...table.tBodies[0].rows];
    const heads = [...table.tHead.rows[0].cells];
    const at = figure.dataset.column ? heads.findIndex((head) => head.dataset.column === figure.dataset.column) : 1;
    const labels = rows.map((row) => row.cells[0].textContent);
    const crowded = figure.clientWidth < labels.join("").length * 7 + labels.length * 14;
    const turned = crowded ? { rotate: -35, size: 78 } : {};
    return {
      options: {
        legend: { show: false }, cursor: { show: false },
        scales: { x: { time: false, range: [-0.6, rows.length - 0.4] }, y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.1] } },
        series: [{}, { fill: colour("--accent"), paths: uPlot.paths.bars({ size: [0.6, 90] }), points: { show: false } }],
        axes: [axis({ splits: () => rows.map((_, i) => i), values: () => labels, grid: { show: false }, ...turned }), axis({ size: 46, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] })],
      },
      data: [rows.map((_, i) => i), rows.map((row) => number(row.cells[at]))],
    };
  }
  function draw(figure) {
    const made = figure.dataset.lines ? lines(figure) : bars(figure);
    const place = figure.querySelector(".plot");
    place.replaceChildren();
    if (!made) return;
    place.classList.add("drawn");
    new uPlot({ width: Math.max(figure.clientWidth, 220), height: HEIGHT, ...made.options }, made.data, place);
  }
  const figures = [...document.querySelectorAll("figure[data-lines], figure[data-bars]")];
  const all = () => figures.forEach(draw);
  all();
  let width = innerWidth, again = 0;
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; clearTimeout(again); again = setTimeout(all, 150); } });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
})();
