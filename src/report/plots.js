// The charts on canvases: accuracy against flash with its Pareto front, training curves, recall.
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
  );
  let chart = null;
  const draw = () => {
    chart?.destroy();
    chart = null;
    if (!canvas.isConnected) return;
    Chart.defaults.color = colour('--muted');
    Chart.defaults.borderColor = colour('--rule');
    chart = new Chart(canvas, configuration());
  };
  drawn(canvas, draw);
  return figure;
}

function axis(title, options = {}) {
  return { title: { display: true, text: title }, grid: { color: colour('--faint') }, ...options };
}
// Labels of a logarithmic axis: 1, 2 and 5 of each power of ten, or fewer where they would not fit.
function logTicks(chart, low, high) {
  const decades = Math.log10(high / low),
    room = chart.width / 75;
  const digits = decades * 3 <= room ? [1, 2, 5] : decades * 2 <= room ? [1, 3] : [1];
  return (value) => digits.includes(Number(value.toExponential(2).split('e')[0]));
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

// Of rows that fit, those that no other beats in both flash and accuracy, smallest first.
function paretoFront(list) {
  const bySize = list
    .filter((row) => row.outcome !== 'does not fit')
    .sort((a, b) => a.flash_bytes - b.flash_bytes || b.top1 - a.top1);
  const front = [];
  for (const row of bySize)
    if (!front.length || row.top1 > front[front.length - 1].top1) front.push(row);
  return front;
}

function accuracyFigure(data, list) {
  const known = list.filter(
    (row) => row.flash_bytes && row.top1 !== null && row.top1 !== undefined,
  );
  if (!known.length) return null;
  const front = paretoFront(known);
  const sizes = known.map((row) => row.flash_bytes);
  const low = 0.8 * smallest(sizes),
    high = 1.4 * largest(sizes, 1);
  const pointOf = (row) => ({
    x: row.flash_bytes,
    y: 100 * row.top1,
    row,
    interval: row.top1_interval,
  });
  const told = (row) =>
    `${row.network} ${row.recipe} (${percent(row.top1)} %, ${bytes(row.flash_bytes)})`;
  const finding =
    front.length === 0
      ? `Nothing fits the device on ${data}.`
      : front.length < 4
        ? `Pareto front: ${front.map(told).join(', ')}.`
        : `Pareto front of ${front.length} models, from ${told(front[0])} ` +
          `to ${told(front[front.length - 1])}.`;
  const configuration = () => {
    const datasets = distinct(known, 'network').map((network) => {
      const own = known
        .filter((row) => row.network === network)
        .sort((a, b) => a.flash_bytes - b.flash_bytes);
      const line = seriesColour(network);
      return {
        label: network,
        data: own.map(pointOf),
        edgeLabel: true,
        borderColor: line,
        borderWidth: 1,
        showLine: true,
        pointStyle: own.map((row) => shapeOf(row.recipe)[0]),
        rotation: own.map((row) => shapeOf(row.recipe)[1]),
        pointRadius: 5,
        pointHoverRadius: 7,
        pointBorderWidth: 1.5,
        pointBorderColor: line,
        pointBackgroundColor: own.map((row) =>
          row.outcome === 'does not fit' ? colour('--page') : line,
        ),
      };
    });
    datasets.push({
      label: 'Pareto front',
      data: front.map((row) => ({ x: row.flash_bytes, y: 100 * row.top1 })),
      showLine: true,
      stepped: 'before',
      pointRadius: 0,
      pointHitRadius: 0,
      borderWidth: 1.5,
      borderDash: [5, 4],
      borderColor: colour('--muted'),
      order: 9,
    });
    return {
      type: 'scatter',
      data: { datasets },
      plugins: [whiskers, edgeLabels],
      options: {
        layout: {
          padding: ({ chart }) => ({ right: labelRoom(chart, distinct(known, 'network')) }),
        },
        scales: {
          x: axis('linked flash', {
            type: 'logarithmic',
            min: low,
            max: high,
            ticks: {
              autoSkip: false,
              maxRotation: 0,
              callback(value) {
                return logTicks(this.chart, low, high)(value) ? bytes(value) : null;
              },
            },
          }),
          y: axis('top-1 [%]', {
            grace: '4%',
            suggestedMin: 100 * smallest(known.map((row) => row.top1_interval?.[0] ?? row.top1)),
            suggestedMax:
              100 *
              largest(
                known.map((row) => row.top1_interval?.[1] ?? row.top1),
                0,
              ),
          }),
        },
        plugins: {
          tooltip: {
            filter: (item) => item.raw.row !== undefined,
            callbacks: { label: (item) => pointText(item.raw.row) },
          },
        },
      },
    };
  };
  return filled(chartFigure([sourceMark('measured'), data], finding, 380, configuration), {}, [
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
function pointText(row) {
  const flash = `${grouped(row.flash_bytes)} B`;
  const size = `${row.network} ${row.recipe}: ${percent(row.top1)} %, ${flash}`;
  return row.outcome === 'does not fit' ? `${size}, does not fit` : size;
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
