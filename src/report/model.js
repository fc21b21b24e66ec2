// One model, looked at closely: its figures, recall per class and confusion, layers, memory plan.

// The classes of instructions that are 5 % of them or more, in words.
function mixText(row) {
  const counts = detail(row, 'mix_counts');
  if (!counts?.length) return '';
  const names = detail(row, 'mix_names');
  const all = counts.reduce((sum, count) => sum + count, 0);
  const parts = counts
    .map((count, i) => ({ name: names[i].replaceAll('_', ' '), share: count / all }))
    .filter(({ share }) => share >= 0.05)
    .sort((a, b) => b.share - a.share);
  return parts.map(({ name, share }) => `${name} ${percent(share, 0)} %`).join(', ');
}

// Facts that are not told of float32 too.
const ownFacts = new Set([
  'mcnemar_p',
  'stack_bytes',
  'cycles_modelled',
  'milliseconds_modelled',
  'energy_estimated_uj',
]);

// What a model's constants are, beside those of float32.
const constantParts = [
  ['value_bytes', 'weights, without what is left out'],
  ['mask_bytes', 'masks: which weights are kept'],
  ['bias_bytes', 'biases'],
  ['other_bytes', 'multipliers, shifts, tables'],
  ['constant_bytes', 'all'],
];
function constantTable(row) {
  if ((row.value_bytes ?? null) === null) return null;
  const baseline = baselineOf(row);
  const before = baseline !== row && (baseline?.value_bytes ?? null) !== null ? baseline : null;
  const body = constantParts.map(([key, name]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      before ? element('td', { class: 'number' }, shown(before, key)) : null,
      element('td', { class: 'number' }, shown(row, key)),
      barCell(percent(row[key] / row.constant_bytes, 1), 0, row[key] / row.constant_bytes),
    ),
  );
  const column = (...words) => element('th', { scope: 'col', class: 'number' }, heading(...words));
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'constants'),
    before ? column('float32', 'B', 'measured') : null,
    column(row.recipe, 'B', 'measured'),
    column('share', '%'),
  );
  return [
    element('h3', {}, 'What the constants are'),
    scrolling(
      'What the constants are',
      element(
        'table',
        { class: 'bars' },
        element('thead', {}, head),
        element('tbody', {}, body),
      ),
    ),
  ];
}

function factList(row) {
  const keys = [
    'top1',
    'macro_recall',
    'mcnemar_p',
    'parameters',
    'macs',
    'file_bytes',
    'gzip_bytes',
    'constant_bytes',
    'flash_bytes',
    'ram_bytes',
    'stack_bytes',
    'instructions',
    'latency_us',
    'cycles_modelled',
    'milliseconds_modelled',
    'energy_estimated_uj',
  ];
  const more = {
    top1:
      row.top1_interval &&
      `95 %: ${percent(row.top1_interval[0])} to ${percent(row.top1_interval[1])}`,
    mcnemar_p:
      row.change !== null && row.change !== undefined && `${signed(row.change)} points to float`,
    latency_us: row.latency_spread_us && `p10 to p90: ${shown(row, 'latency_spread_us')}`,
    instructions: [
      row.ran_on && row.ran_on !== row.device ? `on ${row.ran_on}` : '',
      row.outputs_equal === true &&
        `outputs equal for ${grouped(row.firmware_samples ?? 0)} images`,
      row.outputs_equal === false && 'outputs differ from the host’s',
      mixText(row),
    ]
      .filter(Boolean)
      .join('; '),
  };
  // The same of float32, where it makes a before and after.
  const baseline = baselineOf(row);
  const before = (key) =>
    baseline && baseline !== row && !ownFacts.has(key) && shown(baseline, key) !== ''
      ? element('small', {}, `float32: ${shown(baseline, key)}`)
      : null;
  const facts = keys
    .filter((key) => columnOf.has(key) && shown(row, key) !== '')
    .map((key) => {
      const { heading: name, unit, source } = columnOf.get(key);
      return element(
        'div',
        {},
        element('dt', {}, sourceMark(source), name),
        element(
          'dd',
          {},
          `${shown(row, key)}${unit ? ` ${unit}` : ''}`,
          before(key),
          more[key] ? element('small', {}, more[key]) : null,
        ),
      );
    });
  return element('dl', { class: 'facts' }, facts);
}

function recallFigure(row) {
  const names = detail(row, 'class_names'),
    recall = detail(row, 'recall');
  if (!names?.length) return null;
  const baseline = baselineOf(row);
  const before = baseline && baseline !== row ? detail(baseline, 'recall') : null;
  const known = recall.map((value) => value ?? 1);
  const least = known.indexOf(smallest(known));
  const finding =
    `Least recall: “${names[least]}” with ${percent(known[least])} %` +
    (before?.length === recall.length ? `, float32 ${percent(before[least] ?? 0)} %.` : '.');
  const shownRecalls = [...known, ...(before ?? []).map((value) => value ?? 1)];
  // Dots and no bars: the axis need not begin at 0.
  const dots = (label, list, style) => ({
    label,
    data: list.map((value) => 100 * (value ?? 0)),
    showLine: false,
    pointRadius: 5,
    pointHoverRadius: 7,
    pointBorderWidth: 1.5,
    ...style,
  });
  const configuration = () => ({
    type: 'line',
    data: {
      labels: names,
      datasets: [
        dots(row.recipe, recall, {
          backgroundColor: colour('--accent'),
          borderColor: colour('--accent'),
        }),
        // Larger, so that it is seen around a dot in the same place.
        ...(before
          ? [
              dots('float32', before, {
                backgroundColor: 'transparent',
                borderColor: colour('--ink'),
                pointRadius: 7,
              }),
            ]
          : []),
      ],
    },
    options: {
      indexAxis: 'y',
      scales: {
        x: axis('recall [%]', { min: 5 * Math.floor(20 * smallest(shownRecalls) - 0.5), max: 100 }),
        y: {
          offset: true,
          grid: { color: colour('--faint') },
          ticks: { autoSkip: names.length > 40 },
        },
      },
      plugins: {
        legend: {
          display: before !== null,
          position: 'bottom',
          labels: { usePointStyle: true, boxWidth: 9, boxHeight: 9 },
        },
      },
    },
  });
  const height = Math.min(900, 100 + names.length * 29);
  return chartFigure([sourceMark('measured'), 'Recall per class'], finding, height, configuration);
}

// The pairs of classes that are confused most often, as words.
function worstPairs(names, matrix, limit) {
  const pairs = [];
  matrix.forEach((number, place) => {
    const from = Math.floor(place / names.length),
      to = place % names.length;
    if (from !== to && number > 0) pairs.push({ from, to, number });
  });
  pairs.sort((a, b) => b.number - a.number);
  return pairs
    .slice(0, limit)
    .map(
      ({ from, to, number }) =>
        `“${names[from]}” taken for “${names[to]}”, ${grouped(number)} times`,
    );
}

function confusionFigure(row) {
  const names = detail(row, 'class_names'),
    matrix = detail(row, 'confusion');
  if (!names?.length || matrix?.length !== names.length ** 2) return null;
  const pairs = worstPairs(names, matrix, 3);
  const finding = pairs.length ? `Most often: ${pairs.join('; ')}.` : 'No image is confused.';
  const totals = names.map((_, from) =>
    matrix.slice(from * names.length, (from + 1) * names.length).reduce((sum, n) => sum + n, 0),
  );
  const caption = element(
    'figcaption',
    {},
    sourceMark('measured'),
    'Confusion matrix ',
    element('span', { class: 'unit' }, 'images; rows: label, columns: prediction'),
  );
  const content =
    names.length <= 25
      ? confusionTable(names, matrix, totals)
      : confusionCanvas(names, matrix, totals, finding);
  return element('figure', {}, caption, content, element('p', { class: 'finding' }, finding));
}
// A share of a row as opacity: the root lets single confusions be seen.
const shade = (number, total) => (total ? Math.sqrt(number / total) : 0);

function confusionTable(names, matrix, totals) {
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, element('i', { class: 'hidden-text' }, 'label')),
    names.map((name) => element('th', { scope: 'col' }, element('span', {}, name))),
  );
  const body = names.map((name, from) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row', title: name }, name),
      names.map((_, to) => {
        const number = matrix[from * names.length + to];
        const hue = from === to ? '--heat' : '--wrong';
        const alpha = (from === to ? 0.45 : 0.8) * shade(number, totals[from]);
        return element(
          'td',
          {
            class: number ? null : 'zero',
            style: { background: `rgba(var(${hue}), ${alpha.toFixed(3)})` },
          },
          String(number),
        );
      }),
    ),
  );
  const table = element(
    'table',
    { class: 'confusion' },
    element('thead', {}, head),
    element('tbody', {}, body),
  );
  return filled(scrolling('Confusion matrix', table), { class: 'scroll plain' }, []);
}

function confusionCanvas(names, matrix, totals, finding) {
  const size = 4 * names.length;
  const canvas = element('canvas', {
    role: 'img',
    'aria-label': finding,
    width: size,
    height: size,
    style: { width: '100%', maxWidth: '520px', imageRendering: 'pixelated' },
  });
  const draw = () => {
    if (!canvas.isConnected) return;
    const context = canvas.getContext('2d');
    context.clearRect(0, 0, size, size);
    matrix.forEach((number, place) => {
      const from = Math.floor(place / names.length),
        to = place % names.length;
      const hue = colour(from === to ? '--heat' : '--wrong');
      context.fillStyle = `rgba(${hue}, ${shade(number, totals[from])})`;
      context.fillRect(4 * to, 4 * from, 4, 4);
    });
  };
  drawn(canvas, draw);
  return canvas;
}

let chooseModel = () => {};
section('model', (host) => {
  const list = rows.filter((row) => row.outcome !== 'failed');
  if (!list.length) return host.append(element('p', {}, 'No model was measured.'));
  const view = element('div');
  const keys = [
    ['data', 'Data set'],
    ['network', 'Network'],
    ['recipe', 'Technique'],
    ['device', 'Device'],
    ['seed', 'Seed'],
  ];
  const preferred =
    list.find((row) => row.scheme === 'int8' && row.device === firstDevice) ?? list[0];
  chooseModel = chooser(
    host,
    list,
    keys,
    (chosen, left) => {
      const row = left[0];
      view.replaceChildren(
        ...[
          row.outcome === 'done'
            ? null
            : element(
                'p',
                { class: 'notice', style: { margin: '0' } },
                `${row.outcome}${row.reason ? `: ${row.reason}` : ''}`,
              ),
          factList(row),
          constantTable(row),
          element('h3', {}, 'Classes'),
          element('div', { class: 'plots' }, recallFigure(row), confusionFigure(row)),
          layerTable(row),
          planFigure(row),
        ]
          .flat()
          .filter(Boolean),
      );
    },
    Object.fromEntries(keys.map(([key]) => [key, preferred[key]])),
  );
  host.append(view);
});
