// Unpacks the records that pack.cc packed. Everything here comes from outside: it reaches the page
// as text, never as markup.
const packed = JSON.parse(document.getElementById('records').textContent);
const textKeys = new Set(packed.text_keys);
const columns = packed.columns.filter((column) => column.key in packed.values);
const columnOf = new Map(columns.map((column) => [column.key, column]));

// One object per row of the table: measured models, and what failed.
const rows = Array.from({ length: packed.rows }, (_, index) => {
  const row = { index };
  for (const key of Object.keys(packed.values)) {
    const value = packed.values[key][index];
    row[key] = value !== null && textKeys.has(key) ? packed.texts[value] : value;
  }
  return row;
});

// A list that belongs to a row ("layer_macs"), or null. Made when it is asked for.
function detail(row, key) {
  const place = packed.details[key][row.index];
  return place === null ? null : listAt(place, textKeys.has(key));
}
function listAt(place, isText) {
  if (place === null) return null;
  const list = packed.lists[place];
  return isText ? list.map((entry) => packed.texts[entry]) : list;
}

const trainings = packed.trainings.map((training) => ({
  network: nameAt(training.network),
  data: nameAt(training.data),
  seed: training.seed,
  top1: training.top1 ?? null,
  loss: listAt(training.loss),
  validation: listAt(training.validation_top1),
  options: training.options.map((option) => packed.texts[option]),
}));
function nameAt(place) {
  return place === null ? '' : packed.texts[place];
}

// The different values of a key, in the order of the rows.
function distinct(list, key) {
  const values = new Set(list.map((entry) => entry[key]));
  values.delete(null);
  values.delete(undefined);
  return [...values];
}
const networks = distinct([...rows, ...trainings], 'network');
// In the order of the schemes, which rows of measured models have.
const recipes = distinct([...rows.filter((row) => row.scheme), ...rows], 'recipe');

// What sections show at first: the device that most models fit.
const fitting = (device) =>
  rows.filter((row) => row.device === device && row.outcome === 'done').length;
const firstDevice = distinct(rows, 'device').sort((a, b) => fitting(b) - fitting(a))[0];

// float32 of the same network, data, seed and device: the recipe of that name, or another that is
// float32 and prunes nothing.
const cellKey = (row) => JSON.stringify([row.network, row.data, row.seed, row.device]);
const float32 = new Map();
for (const row of rows) {
  const plain = row.scheme === 'float32' && (row.sparsity ?? null) === null;
  if (plain && (row.recipe === 'float32' || !float32.has(cellKey(row))))
    float32.set(cellKey(row), row);
}
const baselineOf = (row) => float32.get(cellKey(row)) ?? null;
// A figure as a multiple of float32's, or null.
function ratio(row, key) {
  const baseline = baselineOf(row)?.[key];
  return baseline && row[key] !== null && row[key] !== undefined ? row[key] / baseline : null;
}

// Of lists of any length; null counts for nothing.
const largest = (list, least) => list.reduce((most, value) => (value > most ? value : most), least);
const smallest = (list) => list.reduce((least, value) => (value < least ? value : least), list[0]);

// How figures look: thin groups of digits, fractions as percent, a true minus.
const grouping = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const grouped = (number) => grouping.format(number);
const percent = (fraction, digits = 2) => `${(100 * fraction).toFixed(digits)}`;
const signed = (number, digits = 2) => {
  const text = Math.abs(number).toFixed(digits);
  return Number(text) === 0 ? text : (number < 0 ? '−' : '+') + text;
};
const times = (factor) => `${factor < 0.0995 ? factor.toPrecision(2) : factor.toFixed(2)}×`;
function threeDigits(number) {
  const size = Math.abs(number);
  if (size >= 1e15) return number.toPrecision(3);
  return size >= 1000 ? grouped(number) : number.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
function bytes(count) {
  if (count < 1000) return `${count} B`;
  const [size, unit] = count < 1e6 ? [count / 1e3, 'kB'] : [count / 1e6, 'MB'];
  return `${size >= 99.95 ? Math.round(size) : Number(size.toPrecision(3))} ${unit}`;
}
const formats = {
  text: (value) => value,
  count: grouped,
  percent: (value) => percent(value),
  points: (value) => signed(value),
  probability: (value) => (value < 0.001 ? '< 0.001' : value.toFixed(3)),
  number: threeDigits,
  interval: ([low, high]) => `${threeDigits(low)} to ${threeDigits(high)}`,
};
const shown = (row, key) => {
  const value = row[key];
  return value === null || value === undefined ? '' : formats[columnOf.get(key).format](value);
};
