// The charts on canvases: accuracy against size with its Pareto front, training curves, recall.
const shapes = [
  ['circle', 0],
  ['triangle', 0],
  ['rect', 0],
  ['rectRot', 0],
  ['triangle', 180],
  ['star', 0],
  ['cross', 0],
  ['triangle', 90],
]; // each with its rotation
const shapeOf = (recipe) => shapes[recipes.indexOf(recipe) % shapes.length];

Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
Chart.defaults.plugins.legend.display = false;

// A canvas with its text alternative: `finding` says in words what it shows. `configuration` is
// called again whenever colours change.
function chartFigure(caption, finding, height, configuration) {
  const canvas = element('canvas', { role: 'img', 'aria-label': finding });
  const figure = element(
    'figure',
    {},
    element('figcaption', {}, caption),
    element('div', { class: 'canvas', style: { height: `${height}px` } }, canvas),
    element('p', { class: 'finding' }, finding),
    element(
      'button',
      { class: 'link save', type: 'button', onclick: () => savePicture(figure, configuration) },
      'Save as PNG',
    ),
  );
  let chart = null;
  const draw = () => {
    chart?.destroy();
    chart = null;
    if (!canvas.isConnected) return;
    setChartColours();
    chart = new Chart(canvas, configuration());
  };
  drawn(canvas, draw);
  return figure;
}

// For papers: in light colours on white, four pixels for one.
function savePicture(figure, configuration) {
  const { clientWidth: width, clientHeight: height } = figure.querySelector('.canvas');
  const root = document.documentElement;
  root.setAttribute('data-print', '');
  setChartColours();
  const paper = {
    id: 'paper',
    beforeDraw({ ctx }) {
      ctx.fillStyle = '#ffffff';
      ctx.fillRect(0, 0, width, height);
    },
  };
  const settings = configuration();
  settings.plugins = [paper, ...(settings.plugins ?? [])];
  Object.assign(settings.options, { responsive: false, devicePixelRatio: 4 });
  const chart = new Chart(element('canvas', { width, height }), settings);
  const name = figure.querySelector('figcaption').textContent.trim().replace(/[^\w.-]+/g, '-');
  element('a', { href: chart.toBase64Image(), download: `${name}.png` }).click();
  chart.destroy();
  root.removeAttribute('data-print');
  setChartColours();
}
function setChartColours() {
  Chart.defaults.color = colour('--muted');
  Chart.defaults.borderColor = colour('--rule');
}

function axis(title, options = {}) {
  return { title: { display: true, text: title }, grid: { color: colour('--faint') }, ...options };
}
// Labels of a logarithmic axis: 1, 2 and 5 of each power of ten, or fewer where they would not fit.
function logTicks(chart, low, high) {
  const decades = Math.log10(high / low),
    room = chart.width / 75;
  const digits = decades * 3 <= room ? [1, 2, 5] : decades * 2 <= room ? [1, 3] : [1];
  return (value) => digits.includes(Number(value.toExponential(6).split('e')[0]));
}

// Whiskers of the points' intervals, behind the points.
const whiskers = {
  id: 'whiskers',
  beforeDatasetsDraw(chart) {
    const {
      ctx,
      scales: { x, y },
    } = chart;
    ctx.save();
    ctx.lineWidth = 1;
    const { left, top, width, height } = chart.chartArea;
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    chart.data.datasets.forEach((dataset) => {
      ctx.strokeStyle = dataset.borderColor;
      ctx.globalAlpha = 0.55;
      for (const point of dataset.data) {
        if (!point.interval) continue;
        ctx.beginPath();
        ctx.moveTo(x.getPixelForValue(point.x), y.getPixelForValue(100 * point.interval[0]));
        ctx.lineTo(x.getPixelForValue(point.x), y.getPixelForValue(100 * point.interval[1]));
        ctx.stroke();
      }
    });
    ctx.restore();
  },
};

// Names at the right edge, each as high as the largest version of its network, or lower where
// others are in the way. Narrow charts leave them to the legend.
const labelFont = () => `11px ${Chart.defaults.font.family}`;
function labelRoom(chart, names) {
  if (chart.width < 500) return 0;
  chart.ctx.save();
  chart.ctx.font = labelFont();
  const widths = names.map((name) => chart.ctx.measureText(name).width);
  chart.ctx.restore();
  return Math.min(largest(widths, 0) + 12, chart.width / 3);
}
const edgeLabels = {
  id: 'edgeLabels',
  afterDatasetsDraw(chart) {
    const { ctx, chartArea } = chart;
    if (chart.width < 500) return;
    const labels = chart.data.datasets
      .filter((dataset) => dataset.edgeLabel)
      .map((dataset, index) => ({ dataset, y: chart.getDatasetMeta(index).data.slice(-1)[0].y }))
      .sort((a, b) => a.y - b.y);
    ctx.save();
    ctx.font = labelFont();
    ctx.textBaseline = 'middle';
    let above = chartArea.top - 14;
    for (const { dataset, y } of labels) {
      above = Math.max(y, above + 14);
      ctx.fillStyle = dataset.borderColor;
      ctx.fillText(dataset.label, chartArea.right + 8, above);
    }
    ctx.restore();
  },
};

// The sizes that accuracy is drawn against.
const linkedFlash = { key: 'flash_bytes', title: 'linked flash', ofDevice: true };
const networkConstants = { key: 'constant_bytes', title: 'network constants' };

// Of rows, where the size is the device's of those that fit, the ones that no other beats in both
// size and accuracy, smallest first.
function paretoFront(list, { key, ofDevice }) {
  const bySize = list
    .filter((row) => !ofDevice || row.outcome !== 'does not fit')
    .sort((a, b) => a[key] - b[key] || b.top1 - a.top1);
  const front = [];
  for (const row of bySize)
    if (!front.length || row.top1 > front[front.length - 1].top1) front.push(row);
  return front;
}

const doesNotFit = (row) => (row.outcome === 'does not fit' ? ', does not fit' : '');

// A chart of all versions of all networks: a colour and a line for each network, a shape for each
// technique. `pointOf` says where a row lies, `told` what it is in words.
function versionsChart(known, { pointOf, told, x, y, datasets = [], plugins = [] }) {
  const own = distinct(known, 'network').map((network) => {
    const line = seriesColour(network);
    const points = known
      .filter((row) => row.network === network)
      .map((row) => ({ ...pointOf(row), row }))
      .sort((a, b) => a.x - b.x);
    return {
      label: network,
      data: points,
      edgeLabel: true,
      borderColor: line,
      borderWidth: 1,
      showLine: true,
      pointStyle: points.map(({ row }) => shapeOf(row.recipe)[0]),
      rotation: points.map(({ row }) => shapeOf(row.recipe)[1]),
      pointRadius: 5,
      pointHoverRadius: 7,
      pointBorderWidth: 1.5,
      pointBorderColor: line,
      pointBackgroundColor: points.map(({ row }) => (doesNotFit(row) ? colour('--page') : line)),
    };
  });
  return {
    type: 'scatter',
    data: { datasets: [...own, ...datasets] },
    plugins: [whiskers, edgeLabels, ...plugins],
    options: {
      layout: {
        padding: ({ chart }) => ({ right: labelRoom(chart, distinct(known, 'network')) }),
      },
      scales: { x, y },
      plugins: {
        tooltip: {
          filter: (item) => item.raw.row !== undefined,
          callbacks: { label: (item) => told(item.raw.row) + doesNotFit(item.raw.row) },
        },
      },
    },
  };
}
function logAxis(title, low, high, text) {
  return axis(title, {
    type: 'logarithmic',
    min: low,
    max: high,
    ticks: {
      autoSkip: false,
      maxRotation: 0,
      callback(value) {
        return logTicks(this.chart, low, high)(value) ? text(value) : null;
      },
    },
  });
}

function accuracyFigure(caption, list, size) {
  const { key, title } = size;
  const known = list.filter((row) => row[key] && row.top1 !== null && row.top1 !== undefined);
  if (!known.length) return null;
  const front = paretoFront(known, size);
  const sizes = known.map((row) => row[key]);
  const told = (row) => `${row.network} ${row.recipe} (${percent(row.top1)} %, ${bytes(row[key])})`;
  const finding =
    front.length === 0
      ? `Nothing fits the device: ${caption}.`
      : front.length < 4
        ? `Pareto front: ${front.map(told).join(', ')}.`
        : `Pareto front of ${front.length} models, from ${told(front[0])} ` +
          `to ${told(front[front.length - 1])}.`;
  const ends = (end) => known.map((row) => 100 * (row.top1_interval?.[end] ?? row.top1));
  const configuration = () =>
    versionsChart(known, {
      pointOf: (row) => ({ x: row[key], y: 100 * row.top1, interval: row.top1_interval }),
      told: (row) => `${row.network} ${row.recipe}: ${percent(row.top1)} %, ${grouped(row[key])} B`,
      x: logAxis(title, 0.8 * smallest(sizes), 1.4 * largest(sizes, 1), bytes),
      y: axis('top-1 [%]', {
        grace: '4%',
        suggestedMin: smallest(ends(0)),
        suggestedMax: largest(ends(1), 0),
      }),
      datasets: [
        {
          label: 'Pareto front',
          data: front.map((row) => ({ x: row[key], y: 100 * row.top1 })),
          showLine: true,
          stepped: 'before',
          pointRadius: 0,
          pointHitRadius: 0,
          borderWidth: 1.5,
          borderDash: [5, 4],
          borderColor: colour('--muted'),
          order: 9,
        },
      ],
    });
  return filled(chartFigure([sourceMark('measured'), caption], finding, 380, configuration), {}, [
    front.length < 4
      ? null
      : element(
          'details',
          {},
          element('summary', {}, 'The models of the front'),
          element(
            'ol',
            {},
            front.map((row) => element('li', {}, told(row))),
          ),
        ),
  ]);
}

// What the colours and shapes stand for.
const legendItem = (mark, text) => element('li', {}, mark, text);
function networkLegend(list) {
  const line = (network) =>
    drawing(
      'svg',
      { width: 20, height: 12, 'aria-hidden': true },
      drawing('line', {
        x1: 0,
        x2: 20,
        y1: 6,
        y2: 6,
        stroke: `var(--series-${networks.indexOf(network) % 8})`,
        'stroke-width': 3,
      }),
    );
  return element(
    'ul',
    { class: 'legend', 'aria-label': 'Colours: networks' },
    distinct(list, 'network').map((network) => legendItem(line(network), network)),
  );
}
function recipeLegend(list) {
  const items = distinct(list, 'recipe').map((recipe) =>
    legendItem(shapeMark(shapeOf(recipe)), recipe),
  );
  if (list.some((row) => row.outcome === 'does not fit'))
    items.push(legendItem(shapeMark(['circle', 0], false), 'hollow: does not fit the device'));
  return element('ul', { class: 'legend', 'aria-label': 'Shapes: techniques' }, items);
}
function shapeMark([shape, rotation], full = true) {
  const paths = {
    circle: 'M11 6.5a4.5 4.5 0 1 1-9 0a4.5 4.5 0 1 1 9 0',
    triangle: 'M6.5 2l4.5 8h-9z',
    rect: 'M2.5 2.5h8v8h-8z',
    rectRot: 'M6.5 1l5.5 5.5-5.5 5.5-5.5-5.5z',
    cross: 'M6.5 1v11M1 6.5h11',
    star: 'M6.5 1v11M1 6.5h11M2.5 2.5l8 8M10.5 2.5l-8 8',
  };
  return drawing(
    'svg',
    { width: 13, height: 13, 'aria-hidden': true },
    drawing('path', {
      d: paths[shape],
      fill: full ? 'var(--ink)' : 'none',
      stroke: 'var(--ink)',
      'stroke-width': 1.5,
      transform: `rotate(${rotation} 6.5 6.5)`,
    }),
  );
}

section('accuracy', (host) => {
  const list = rows.filter((row) => row.flash_bytes);
  if (!list.length) return host.append(element('p', {}, 'No record has linked flash.'));
  const view = element('div');
  chooser(
    host,
    list,
    [
      ['device', 'Device'],
      ['seed', 'Seed'],
    ],
    (chosen, left) => {
      const figures = distinct(left, 'data').map((data) =>
        accuracyFigure(
          data,
          left.filter((row) => row.data === data),
          linkedFlash,
        ),
      );
      view.replaceChildren(
        element('div', { class: 'plots' }, figures),
        networkLegend(left),
        recipeLegend(left),
      );
    },
  );
  host.append(view);
});

// One line per training, told apart by colour and, where networks have several seeds, by dashes.
function curveFigure(title, list, key, y, finding) {
  const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
  const seeds = distinct(list, 'seed');
  const scaled =
    key === 'validation' ? (value) => (value === null ? null : 100 * value) : (value) => value;
  const configuration = () => ({
    type: 'line',
    data: {
      datasets: list.map((training) => ({
        label: seeds.length > 1 ? `${training.network}, seed ${training.seed}` : training.network,
        data: training[key].map((value, epoch) => ({ x: epoch + 1, y: scaled(value) })),
        borderColor: seriesColour(training.network),
        borderWidth: 1.75,
        pointRadius: 0,
        pointHitRadius: 6,
        borderDash: dashes[seeds.indexOf(training.seed) % dashes.length],
      })),
    },
    options: {
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: { x: axis('epoch', { type: 'linear', ticks: { precision: 0 } }), y: axis(y) },
    },
  });
  return chartFigure([sourceMark('measured'), title], finding, 300, configuration);
}

section('training', (host, node) => {
  const list = trainings.filter((training) => training.loss?.length);
  if (!list.length) {
    node.hidden = true;
    document.querySelector('nav a[href="#training"]').hidden = true;
    return;
  }
  const view = element('div');
  const keys = [['data', 'Data set'], ...(list.length > 24 ? [['network', 'Network']] : [])];
  chooser(host, list, keys, (chosen, left) => {
    const validated = left.filter((training) => training.validation?.length);
    const last = (training, key) => training[key][training[key].length - 1] ?? 0;
    const losses = left.map((t) => `${t.network} ${threeDigits(last(t, 'loss'))}`).join(', ');
    const ends = validated
      .map((t) => `${t.network} ${percent(last(t, 'validation'))} %`)
      .join(', ');
    view.replaceChildren(
      element(
        'div',
        { class: 'plots' },
        curveFigure(
          `Loss, ${chosen.data}`,
          left,
          'loss',
          'training loss',
          `At the end: ${losses}.`,
        ),
        validated.length
          ? curveFigure(
              `Validation top-1, ${chosen.data}`,
              validated,
              'validation',
              'validation top-1 [%]',
              `At the end: ${ends}.`,
            )
          : null,
      ),
      networkLegend(left),
      element(
        'details',
        {},
        element('summary', {}, 'How they were trained'),
        element(
          'dl',
          { class: 'made' },
          left.flatMap((training) => [
            element('dt', {}, `${training.network}, seed ${training.seed}`),
            element('dd', {}, training.options.join(', ')),
          ]),
        ),
      ),
    );
  });
  host.append(view);
});
