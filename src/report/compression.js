// The figure for papers: every technique's size against its accuracy, and how many times smaller
// against what it costs, beside what others have published.

// What was published of this data set, or of none that was named.
const publishedOf = (data) =>
  packed.published.filter((entry) => !entry.data.length || entry.data.includes(data));

const timesSmaller = (ratio) => `${Number(ratio.toPrecision(3))}×`;

// Of published work that tells no change in points, all that is known is how many times smaller: a
// line.
const publishedLines = (list) => ({
  id: 'publishedLines',
  afterDatasetsDraw({ ctx, chartArea, scales: { x } }) {
    ctx.save();
    ctx.font = labelFont();
    ctx.strokeStyle = ctx.fillStyle = colour('--ink');
    ctx.setLineDash([2, 3]);
    for (const { label, ratio } of list) {
      const at = Math.round(x.getPixelForValue(ratio)) + 0.5;
      ctx.beginPath();
      ctx.moveTo(at, chartArea.top);
      ctx.lineTo(at, chartArea.bottom);
      ctx.stroke();
      ctx.save();
      // To the right of the line, where there is room.
      ctx.translate(at + (at + 16 < chartArea.right ? 12 : -5), chartArea.bottom - 6);
      ctx.rotate(-Math.PI / 2);
      ctx.fillText(`published: ${label}`, 0, 0, chartArea.height - 12);
      ctx.restore();
    }
    ctx.restore();
  },
});

function compressionFigure(caption, list, published) {
  const smaller = (row) => 1 / ratio(row, 'constant_bytes');
  const change = (row) => (row === baselineOf(row) ? 0 : row.change);
  const known = list.filter(
    (row) => ratio(row, 'constant_bytes') && change(row) !== null && change(row) !== undefined,
  );
  if (!known.length) return null;
  const factors = [...known.map(smaller), ...published.map((entry) => entry.ratio)];
  const told = (row) =>
    `${row.network} ${row.recipe}: ${timesSmaller(smaller(row))}, ${signed(change(row))} points`;
  const kept = known.filter((row) => change(row) >= -tolerableLoss);
  const most = kept.sort((a, b) => smaller(b) - smaller(a))[0];
  const finding =
    most && most !== baselineOf(most)
      ? `Smallest that loses at most ${tolerableLoss} points: ${told(most)}.`
      : `Every technique loses more than ${tolerableLoss} points.`;
  const [points, lines] = [true, false].map((hasChange) =>
    published.filter((entry) => (entry.change !== null) === hasChange),
  );
  const configuration = () =>
    versionsChart(known, {
      pointOf: (row) => ({ x: smaller(row), y: change(row) }),
      told,
      x: logAxis(
        'times smaller than float32',
        0.85 * smallest(factors),
        1.25 * largest(factors, 1),
        timesSmaller,
      ),
      y: axis('change of top-1 [points]', {
        grace: '6%',
        grid: { color: ({ tick }) => colour(tick.value === 0 ? '--muted' : '--faint') },
      }),
      datasets: [
        {
          label: 'published',
          data: points.map((entry) => ({ x: entry.ratio, y: entry.change })),
          pointStyle: 'crossRot',
          pointRadius: 7,
          borderWidth: 2,
          borderColor: colour('--ink'),
        },
      ],
      plugins: [publishedLines(lines)],
    });
  return chartFigure([sourceMark('measured'), caption], finding, 380, configuration);
}

function publishedList(list) {
  if (!list.length) return [];
  const items = list.map((entry) =>
    element(
      'li',
      {},
      `${entry.label}: ${entry.smaller} % smaller (${timesSmaller(entry.ratio)}), ` +
        [
          entry.change === null ? '' : `${signed(entry.change)} points`,
          entry.claim,
          entry.data.length ? `on ${listed(entry.data, 6)}` : 'data set not told',
          entry.bytes ? `counting ${entry.bytes}` : 'in bytes that are not told',
        ]
          .filter(Boolean)
          .join(', ') +
        ` (${entry.source}).`,
    ),
  );
  return [
    element('h3', {}, 'Published, not measured here'),
    element('ul', { class: 'losses' }, items),
  ];
}

section('compression', (host, node) => {
  const list = rows.filter((row) => row.constant_bytes && row.top1 !== null);
  if (!list.length) {
    node.hidden = true;
    document.querySelector('nav a[href="#compression"]').hidden = true;
    return;
  }
  const view = element('div');
  const keys = [
    ['data', 'Data set'],
    ['device', 'Device'],
    ['seed', 'Seed'],
  ];
  chooser(host, list, keys, (chosen, left) => {
    const published = publishedOf(chosen.data);
    view.replaceChildren(
      element(
        'div',
        { class: 'plots' },
        accuracyFigure(`Size and accuracy, ${chosen.data}`, left, networkConstants),
        compressionFigure(`Compression and loss, ${chosen.data}`, left, published),
      ),
      networkLegend(left),
      recipeLegend(left),
      ...publishedList(published),
    );
  });
  host.append(view);
});
