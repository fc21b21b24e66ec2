// What the sections are built from: elements, figures, choosers, tables with bars.
function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}
function drawing(tag, attributes = {}, ...children) {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') node.addEventListener('click', value);
    else if (name === 'style') Object.assign(node.style, value);
    else if (value !== null && value !== undefined && value !== false)
      node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

// Measured, modelled or estimated, before a figure's name.
function sourceMark(source) {
  if (source === 'given') return null;
  return element('span', {
    class: `source ${source}`,
    role: 'img',
    'aria-label': `${source}:`,
    title: source,
  });
}
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const seriesColour = (network) => colour(`--series-${networks.indexOf(network) % 8}`);

// Selects over the values that some rows have; what there is only one of is not asked for. Calls
// `change` with the chosen values now and whenever they change; a choice that has become impossible
// under the ones before it falls back to the first possible.
function chooser(host, list, keys, change, chosen = { device: firstDevice }) {
  const bar = element('div', { class: 'choices' });
  const draw = (focus) => {
    let left = list;
    bar.replaceChildren();
    for (const [key, heading] of keys) {
      const values = distinct(left, key);
      if (!values.includes(chosen[key])) chosen[key] = values[0];
      if (distinct(list, key).length > 1) bar.append(selectOf(key, heading, values));
      left = left.filter((row) => values.length === 0 || row[key] === chosen[key]);
    }
    if (focus) bar.querySelector(`[name="${focus}"]`)?.focus();
    change(chosen, left);
    queueMicrotask(forgetLost);
  };
  const selectOf = (key, heading, values) => {
    const select = element(
      'select',
      { name: key },
      values.map((value) =>
        element('option', { value, selected: value === chosen[key] }, String(value)),
      ),
    );
    select.addEventListener('change', () => {
      chosen[key] = values[select.selectedIndex];
      draw(key);
    });
    return element('label', {}, heading, select);
  };
  host.append(bar);
  const choose = (values) => {
    Object.assign(chosen, values);
    draw();
  };
  draw();
  return choose;
}

// "a, b and 3 more"
const listed = (list, most) =>
  list.length > most
    ? `${list.slice(0, most - 1).join(', ')} and ${list.length - most + 1} more`
    : list.join(', ');

// A region that scrolls sideways by itself, reachable by keyboard.
function scrolling(label, content) {
  return element(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': label, tabindex: 0 },
    content,
  );
}
function heading(text, unit, source = 'given') {
  return [sourceMark(source), text, ' ', unit ? element('span', { class: 'unit' }, unit) : null];
}

// A cell with a number and its bar. `from` and `to` in 0..1 of the track, `tick` as well.
function barCell(text, from, to, { tick = null, worse = false } = {}) {
  const limited = (share) => `${100 * Math.min(1, Math.max(0, share))}%`;
  const track = element('span', { class: 'track' });
  if (to !== null) {
    track.append(
      element('span', {
        class: worse ? 'fill worse' : 'fill',
        style: { left: limited(Math.min(from, to)), width: limited(Math.abs(to - from)) },
      }),
    );
    if (tick !== null)
      track.append(element('span', { class: 'tick', style: { left: limited(tick) } }));
  }
  return element('td', { class: 'bar' }, text, to === null ? null : track);
}

// Sections are built when they come near the window, all of them before printing, and drawn again
// when colours or widths change.
const sections = [];
function section(id, build) {
  const node = document.getElementById(id);
  sections.push({ node, build: () => build(node.querySelector('.content'), node), built: false });
}
function buildSection(entry) {
  if (entry.built) return;
  entry.built = true;
  try {
    entry.build();
  } catch (error) {
    // the others are shown all the same
    entry.node.append(element('p', { class: 'notice' }, 'This section could not be drawn.'));
    reportError(error);
  }
}
const redraws = new Map(); // of a node that draws itself, the function that draws it again
function drawn(node, draw) {
  redraws.set(node, draw);
  queueMicrotask(redrawn(node, draw));
}
const redrawn = (node, draw) => () => {
  if (!node.isConnected) redraws.delete(node);
  draw();
};
function redrawAll(isDue = () => true) {
  for (const [node, draw] of redraws) if (isDue(node)) redrawn(node, draw)();
}
// What has left the page lets go of its chart.
const forgetLost = () => redrawAll((node) => !node.isConnected);
