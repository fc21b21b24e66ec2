// The head, the problems, the foot; builds sections as they come near and draws them again for
// another theme or width and for print.
function leadText() {
  const data = distinct(rows, 'data'),
    devices = distinct(rows, 'device');
  const some = (list) => listed(list, 6);
  return (
    [
      `${some(networks)} on ${some(data)}`,
      recipes.length ? `as ${some(recipes)}` : '',
      devices.length ? `on ${some(devices)}` : '',
    ]
      .filter(Boolean)
      .join('; ') + '.'
  );
}

function problemTable() {
  const body = packed.problems.map(([file, key, message]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, file),
      element('td', {}, element('code', {}, key)),
      element('td', {}, message),
    ),
  );
  const head = ['file', 'key', 'what is wrong'].map((text) =>
    element('th', { scope: 'col' }, text),
  );
  return scrolling(
    'Problems',
    element('table', {}, element('thead', {}, element('tr', {}, head)), element('tbody', {}, body)),
  );
}

section('made', (host) => {
  const { made } = packed;
  const names = (counts) => Object.keys(counts);
  const facts = [
    ['Command', element('code', {}, made.command)],
    ['Report by', `Mote ${made.version}`],
    [
      'Measured by',
      names(made.versions)
        .map((version) => `Mote ${version}`)
        .join(', '),
    ],
    ['Commit', names(made.commits).join(', ')],
    ['Seeds', names(made.seeds).join(', ')],
    [
      'Tasks',
      Object.entries(packed.tasks)
        .filter(([, number]) => number)
        .map(([task, number]) => `${grouped(number)} ${task}`)
        .join(', '),
    ],
    ['Machines', names(made.machines).map((machine) => element('div', {}, machine))],
    [
      'Accuracy by',
      names(made.engines)
        .map((engine) => `engine ${engine}`)
        .join(', '),
    ],
    ['Devices', names(made.devices).map((device) => element('div', {}, device))],
    ['Compilers', names(made.compilers).map((compiler) => element('div', {}, compiler))],
    ['Emulators', names(made.emulators).map((emulator) => element('div', {}, emulator))],
    ['Data', names(made.data).map((data) => element('div', {}, data))],
    ['Techniques', names(made.recipes).map((recipe) => element('div', {}, recipe))],
    ['Energy', names(made.energy_sources).map((source) => element('div', {}, source))],
  ].filter(([, content]) => content.length !== 0);
  host.append(
    element(
      'dl',
      { class: 'made' },
      facts.map(([name, content]) => [element('dt', {}, name), element('dd', {}, content)]),
    ),
    element(
      'p',
      { class: 'note' },
      'Intervals of accuracies are 95 % Wilson intervals over test images; McNemar’s test ' +
        'compares with the float model on the same images. Flash is that of the linked image, ' +
        'RAM includes the stack, instructions are of one inference in the emulator. Charts by ' +
        'Chart.js (MIT licence).',
    ),
  );
});

document.getElementById('lead').textContent = leadText();
if (packed.problems.length) {
  const node = document.getElementById('problems');
  node.hidden = false;
  node.querySelector('.content').append(problemTable());
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const entry of entries)
      if (entry.isIntersecting) {
        watcher.unobserve(entry.target);
        buildSection(sections.find(({ node }) => node === entry.target));
      }
  },
  { rootMargin: '600px' },
);
for (const { node } of sections) watcher.observe(node);

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll);
let width = innerWidth,
  pending = 0;
addEventListener('resize', () => {
  if (innerWidth === width) return;
  width = innerWidth;
  clearTimeout(pending);
  pending = setTimeout(redrawAll, 150);
});
// Printed in light colours, whole.
addEventListener('beforeprint', () => {
  document.documentElement.setAttribute('data-print', '');
  sections.forEach(buildSection);
  redrawAll();
});
addEventListener('afterprint', () => {
  document.documentElement.removeAttribute('data-print');
  redrawAll();
});
