// Before and after: what each technique changes against float32, as bars in a table; the summary.
const changes = [
  // key, heading
  ['constant_bytes', 'constants'],
  ['flash_bytes', 'flash'],
  ['ram_bytes', 'RAM'],
  ['instructions', 'instructions'],
  ['latency_us', 'host latency'],
];
const compressed = rows.filter((row) => row.scheme && row !== baselineOf(row));

function changeCell(row, widest) {
  if (row.change === null || row.change === undefined) return barCell('–', 0, null);
  return barCell(signed(row.change), 0.5, 0.5 + row.change / (2 * widest), {
    tick: 0.5,
    worse: row.change < 0,
  });
}
function ratioCell(row, key, most) {
  const factor = ratio(row, key);
  return factor === null
    ? barCell('–', 0, null)
    : barCell(times(factor), 0, factor / most, { tick: 1 / most, worse: factor > 1 });
}

function costTable(list, label) {
  const widest = largest(
    list.map((row) => Math.abs(row.change ?? 0)),
    0.25,
  );
  const shownKeys = changes.filter(([key]) => list.some((row) => ratio(row, key) !== null));
  const most = new Map(
    shownKeys.map(([key]) => [
      key,
      largest(
        list.map((row) => ratio(row, key)),
        1.05,
      ),
    ]),
  );
  const bodies = distinct(list, 'network').map((network) =>
    element(
      'tbody',
      {},
      element(
        'tr',
        { class: 'group' },
        element('th', { scope: 'rowgroup', colspan: 2 + shownKeys.length }, network),
      ),
      list
        .filter((row) => row.network === network)
        .map((row) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, row.recipe),
            changeCell(row, widest),
            shownKeys.map(([key]) => ratioCell(row, key, most.get(key))),
          ),
        ),
    ),
  );
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'technique'),
    element('th', { scope: 'col', class: 'number' }, heading('top-1', 'points', 'measured')),
    shownKeys.map(([, text]) =>
      element('th', { scope: 'col', class: 'number' }, heading(text, '× float32', 'measured')),
    ),
  );
  return scrolling(
    label,
    element('table', { class: 'bars wide sticky' }, element('thead', {}, head), bodies),
  );
}

const dashNote =
  'A dash: float32 or this model could not be measured there, mostly since it does not fit.';
// What loses more than this, in points, is told with the layer that costs most.
const tolerableLoss = 0.2;
function lossList(list) {
  const losers = list
    .filter((row) => (row.change ?? 0) < -tolerableLoss)
    .sort((a, b) => a.change - b.change)
    .map((row) => ({ row, costliest: costliestLayer(row) }))
    .filter(({ costliest }) => costliest);
  if (!losers.length) return [];
  const items = losers.map(({ row, costliest }) =>
    element(
      'li',
      {},
      `${row.network}, ${row.recipe} (${signed(row.change)} points): ${costliest.text}.`,
    ),
  );
  return [
    element('h3', {}, `Where more than ${tolerableLoss} points are lost, and by which layer`),
    element('ul', { class: 'losses' }, items),
  ];
}

section('cost', (host) => {
  const list = compressed.filter((row) => baselineOf(row) || row.change !== null);
  if (!list.length)
    return host.append(element('p', {}, 'No compressed model has a float32 beside it.'));
  const view = element('div');
  const keys = [
    ['data', 'Data set'],
    ['device', 'Device'],
    ['seed', 'Seed'],
  ];
  if (networks.length > 12) keys.push(['network', 'Network']);
  chooser(host, list, keys, (chosen, left) => {
    const label = [chosen.data, chosen.device].filter(Boolean).join(', ');
    const table = costTable(left, `Before and after on ${label}`);
    const dashed = [...table.querySelectorAll('td')].some((cell) => cell.textContent === '–');
    const note = dashed ? [element('p', { class: 'note' }, dashNote)] : [];
    view.replaceChildren(table, ...note, ...lossList(left));
  });
  host.append(view);
});

// The least and the largest of a figure over a technique's models.
function span(values, format) {
  const known = values.filter((value) => value !== null && value !== undefined);
  if (!known.length) return '–';
  const low = format(smallest(known)),
    high = format(largest(known, known[0]));
  return low === high ? low : `${low} to ${high}`;
}

function summaryTable() {
  const names = distinct(compressed, 'recipe');
  if (!names.length) return null;
  const body = names.map((recipe) => {
    const own = compressed.filter((row) => row.recipe === recipe);
    const too = own.filter((row) => row.outcome === 'does not fit').length;
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, recipe),
      element(
        'td',
        { class: 'number' },
        too ? `${own.length - too} of ${own.length}` : `all ${own.length}`,
      ),
      element(
        'td',
        { class: 'number' },
        span(
          own.map((row) => row.change),
          signed,
        ),
      ),
      changes.map(([key]) =>
        element(
          'td',
          { class: 'number' },
          span(
            own.map((row) => ratio(row, key)),
            times,
          ),
        ),
      ),
    );
  });
  const column = (...words) => element('th', { scope: 'col', class: 'number' }, heading(...words));
  return scrolling(
    'What each technique changes',
    element(
      'table',
      { class: 'wide sticky' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, 'technique'),
          column('models that fit'),
          column('top-1', 'points', 'measured'),
          changes.map(([, text]) => column(text, '× float32', 'measured')),
        ),
      ),
      element('tbody', {}, body),
    ),
  );
}

section('summary', (host) => {
  const count = (outcome) => rows.filter((row) => row.outcome === outcome).length;
  const failed = count('failed'),
    tooLarge = count('does not fit');
  const card = (number, text, warn) =>
    element(
      'div',
      { class: warn ? 'warn' : null },
      element('dt', {}, text),
      element('dd', {}, grouped(number)),
    );
  const plural = (number, one, many) => [number, number === 1 ? one : many];
  const cards = [
    card(...plural(networks.length, 'network', 'networks')),
    card(...plural(distinct(rows, 'data').length, 'data set', 'data sets')),
    card(...plural(recipes.length, 'technique', 'techniques')),
    card(...plural(distinct(rows, 'device').length, 'device', 'devices')),
    card(...plural(rows.length - failed, 'model measured', 'models measured')),
    tooLarge ? card(tooLarge, 'too large for the device', true) : null,
    failed ? card(...plural(failed, 'task failed', 'tasks failed'), true) : null,
    packed.tasks.unfinished
      ? card(...plural(packed.tasks.unfinished, 'task unfinished', 'tasks unfinished'), true)
      : null,
  ];
  const table = summaryTable();
  host.append(element('dl', { class: 'cards' }, cards));
  if (table)
    host.append(
      element(
        'p',
        {},
        'What each technique changes against float32, from the least to the ' +
          'most over all its networks, data sets, seeds and devices.',
      ),
      table,
    );
});
