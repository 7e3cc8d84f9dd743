// A chart draws the table that stands behind it: its head names the series, its rows the places, its cells the figures.
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const drawn = new Map();
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const compact = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" });

const read = (table) => {
  const [, ...series] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells]);
  return {
    places: rows.map(([place]) => place.textContent.trim()),
    series: series.map((name, at) => ({
      name,
      figures: rows.map((cells) => Number(cells[at + 1].dataset.value)),
      texts: rows.map((cells) => cells[at + 1].textContent.trim()),
    })),
  };
};

const picture = (figure, isFirst) => {
  const { places, series } = read(figure.querySelector("table"));
  const text = { color: token("--quiet"), fontFamily: getComputedStyle(document.body).fontFamily };
  const isLine = figure.dataset.chart === "line";
  const dashes = ["solid", "dashed", "dotted"];
  return {
    animation: isFirst && !calm.matches,
    color: ["--accent", "--good-ink", "--warn-ink"].map(token),
    textStyle: text,
    grid: { left: 4, right: 12, top: series.length > 1 ? 36 : 12, bottom: 4, outerBoundsMode: "same" },
    legend: series.length > 1 ? { left: 0, top: 0, textStyle: text, itemWidth: 18, itemHeight: 8 } : undefined,
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: token("--panel"),
      borderColor: token("--line"),
      textStyle: { ...text, color: token("--ink") },
      formatter: (points) => [places[points[0].dataIndex], ...points.map((point) => `${point.seriesName}  ${series[point.seriesIndex].texts[point.dataIndex]}`)].join("\n"),
    },
    xAxis: { type: "category", data: places, axisTick: { show: false }, axisLabel: text, axisLine: { lineStyle: { color: token("--line") } } },
    yAxis: { type: "value", scale: isLine, splitNumber: 4, axisLabel: { ...text, formatter: (figure) => compact.format(figure) }, splitLine: { lineStyle: { color: token("--line") } } },
    series: series.map(({ name, figures }, at) => ({
      name,
      type: figure.dataset.chart,
      data: figures,
      symbol: "none",
      barMaxWidth: 18,
      lineStyle: { type: dashes[at % dashes.length], width: 2 },
      itemStyle: isLine ? undefined : { borderRadius: [2, 2, 0, 0] },
    })),
  };
};

const seen = new Set();
const draw = () => {
  for (const [canvas, chart] of drawn) {
    if (canvas.isConnected) continue;
    chart.dispose();
    drawn.delete(canvas);
  }
  for (const figure of document.querySelectorAll("[data-chart]")) {
    const canvas = figure.querySelector("[data-chart-canvas]");
    const chart = drawn.get(canvas) ?? echarts.init(canvas);
    drawn.set(canvas, chart);
    chart.setOption(picture(figure, !seen.has(figure.id)), true);
    seen.add(figure.id);
  }
};

draw();
document.addEventListener("htmx:after:swap", draw);
new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
window.addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
