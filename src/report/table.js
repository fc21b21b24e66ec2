// The table of all results: sorted by its headings, filtered by words and choices, a part at a
// time.
const pageLength = 60;
const resultsView = {
  sort: null,
  descending: false,
  words: '',
  chosen: {},
  all: false,
  length: pageLength,
};

// Texts by name, numbers by size, intervals by their middle; what is missing comes last.
function sortKey(value) {
  if (Array.isArray(value)) return (value[0] + value[1]) / 2;
  return value;
}
const collator = new Intl.Collator('en', { numeric: true });
function compareBy(key, descending) {
  const known = (value) => value !== null && value !== undefined && value !== '';
  return (a, b) => {
    const x = sortKey(a[key]),
      y = sortKey(b[key]);
    if (!known(x) || !known(y)) return known(y) - known(x) || a.index - b.index;
    const order = typeof x === 'string' ? collator.compare(x, y) : x - y;
    return (descending ? -order : order) || a.index - b.index;
  };
}

const filterKeys = [
  ['network', 'Network'],
  ['data', 'Data set'],
  ['recipe', 'Technique'],
  ['device', 'Device'],
  ['outcome', 'Outcome'],
];
function visibleRows() {
  const words = resultsView.words.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (row) =>
    columns
      .filter((column) => column.format === 'text')
      .map((column) => row[column.key] ?? '')
      .join(' ')
      .toLowerCase();
  const list = rows.filter(
    (row) =>
      filterKeys.every(
        ([key]) => (resultsView.chosen[key] ?? '') === '' || row[key] === resultsView.chosen[key],
      ) && words.every((word) => text(row).includes(word)),
  );
  return resultsView.sort ? list.sort(compareBy(resultsView.sort, resultsView.descending)) : list;
}

const isNumber = (column) => column.format !== 'text';
function resultCell(row, column) {
  const { key } = column,
    text = shown(row, key);
  if (key === 'network') {
    const open = () => {
      chooseModel(
        Object.fromEntries(['data', 'network', 'recipe', 'device', 'seed'].map((k) => [k, row[k]])),
      );
      document.getElementById('model').scrollIntoView();
      document.querySelector('#model select')?.focus({ preventScroll: true });
    };
    return element(
      'th',
      { scope: 'row' },
      row.outcome === 'failed'
        ? text || '–'
        : element(
            'button',
            { class: 'link', type: 'button', onclick: open, title: 'Look at this model' },
            text || '–',
          ),
    );
  }
  if (key === 'outcome' && text !== 'done')
    return element(
      'td',
      {},
      element('span', { class: 'tag' }, text),
      row.reason ? element('span', { class: 'why' }, row.reason) : null,
    );
  const interval = row[`${key}_interval`];
  return element(
    'td',
    { class: isNumber(column) ? 'number' : null },
    text,
    interval
      ? element('span', { class: 'interval' }, `${percent(interval[0])}–${percent(interval[1])}`)
      : null,
  );
}

// Columns that say the same in every row say nothing, unless all are asked for.
function visibleColumns() {
  return columns.filter(
    (column) =>
      resultsView.all ||
      (column.main &&
        (column.key === 'network' ||
          (isNumber(column) && column.key !== 'seed') ||
          distinct(rows, column.key).length > 1)),
  );
}

function headingCell(column, sort) {
  const [first, ...others] = column.heading.split(' ');
  const button = element(
    'button',
    { type: 'button', onclick: () => sort(column.key) },
    // The mark stays with the first word.
    element('span', { class: 'whole' }, sourceMark(column.source), first),
    ` ${others.join(' ')}`,
    element('span', { class: 'unit' }, column.unit, element('span', { class: 'order' })),
  );
  const sorted = resultsView.sort === column.key;
  return element(
    'th',
    {
      scope: 'col',
      class: isNumber(column) ? 'number' : null,
      'aria-sort': sorted ? (resultsView.descending ? 'descending' : 'ascending') : null,
    },
    button,
  );
}

section('results', (host) => {
  const table = element('table', { class: 'sortable wide sticky' });
  const status = element('span', { role: 'status' });
  const more = element('button', { type: 'button', class: 'button' });
  const draw = () => {
    const list = visibleRows(),
      shownColumns = visibleColumns();
    const sort = (key) => {
      resultsView.descending = resultsView.sort === key && !resultsView.descending;
      resultsView.sort = key;
      const place = shownColumns.findIndex((column) => column.key === key);
      draw();
      table.tHead.rows[0].cells[place].firstChild.focus();
    };
    const part = list.slice(0, resultsView.length);
    table.replaceChildren(
      element('caption', { class: 'hidden-text' }, 'Results; headings sort'),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          shownColumns.map((column) => headingCell(column, sort)),
        ),
      ),
      element(
        'tbody',
        {},
        part.map((row) =>
          element(
            'tr',
            {},
            shownColumns.map((column) => resultCell(row, column)),
          ),
        ),
      ),
    );
    status.textContent =
      `${grouped(part.length)} of ${grouped(list.length)} rows` +
      (list.length === rows.length ? '' : `, filtered from ${grouped(rows.length)}`);
    more.hidden = part.length === list.length;
    more.textContent = `Show ${grouped(Math.min(500, list.length - part.length))} more`;
  };
  const restart = () => {
    resultsView.length = pageLength;
    draw();
  };
  more.addEventListener('click', () => {
    resultsView.length += 500;
    draw();
  });
  addEventListener('beforeprint', () => {
    resultsView.length = rows.length;
    draw();
  });

  const search = element('input', {
    type: 'search',
    placeholder: 'words in any text',
    autocomplete: 'off',
  });
  search.addEventListener('input', () => {
    resultsView.words = search.value;
    restart();
  });
  const selects = filterKeys
    .filter(([key]) => distinct(rows, key).length > 1)
    .map(([key, text]) => {
      const values = distinct(rows, key);
      const select = element(
        'select',
        { name: `filter-${key}` },
        element('option', { value: '' }, 'all'),
        values.map((value) => element('option', { value }, value)),
      );
      select.addEventListener('change', () => {
        resultsView.chosen[key] = select.selectedIndex ? values[select.selectedIndex - 1] : '';
        restart();
      });
      return element('label', {}, text, select);
    });
  const everything = element('input', { type: 'checkbox' });
  everything.addEventListener('change', () => {
    resultsView.all = everything.checked;
    draw();
  });
  host.append(
    element(
      'div',
      { class: 'choices' },
      element('label', {}, 'Search', search),
      selects,
      element('label', { class: 'inline' }, everything, 'all columns'),
    ),
    scrolling('All results', table),
    element('div', { class: 'toolbar-end' }, status, more),
  );
  draw();
});
