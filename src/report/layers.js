// The layers of a model: what each costs in work, bytes and accuracy.

// Each layer's share of the noise at the logits, from the SNR where it alone is compressed: these
// noises add up by power. Null where a layer adds none.
function noiseShares(snr) {
  const powers = snr.map((value) => (value === null ? null : 10 ** (-value / 10)));
  const all = powers.reduce((sum, power) => sum + (power ?? 0), 0);
  return powers.map((power) => (power === null || all === 0 ? null : power / all));
}

// The layer of a model that costs most of its accuracy, in words; null where it was not measured.
function costliestLayer(row) {
  const snr = detail(row, 'layer_snr_db');
  if (!snr?.some((value) => value !== null)) return null;
  const shares = noiseShares(snr);
  const place = shares.indexOf(largest(shares, 0));
  const name = detail(row, 'layer_names')[place];
  const noise = `${percent(shares[place], 0)} % of the noise at the logits`;
  const alone = `${snr[place].toFixed(1)} dB SNR alone`;
  return { place, text: `“${name}” costs most: ${noise}, ${alone}` };
}

const workKeys = [
  ['layer_macs', 'MACs', '', 'given'],
  ['layer_weight_bytes', 'weights', 'B', 'measured'],
  ['layer_instructions', 'instructions', '', 'measured'],
];
// What each layer takes on the device.
const constantKeys = [
  ['layer_value_bytes', 'weights', 'B', 'measured'],
  ['layer_mask_bytes', 'masks', 'B', 'measured'],
  ['layer_bias_bytes', 'biases', 'B', 'measured'],
  ['layer_other_bytes', 'others', 'B', 'measured'],
];
// Records of before told only what the model's file has by layer.
function keysOf(row) {
  const known = constantKeys.filter(([key]) => detail(row, key)?.some((count) => count > 0));
  return workKeys.flatMap((work) =>
    known.length && work[0] === 'layer_weight_bytes' ? known : [work],
  );
}
const isKnown = (list) => list?.some((value) => value !== null);

function workColumn(row, [key, text, unit, source]) {
  const list = detail(row, key);
  if (!isKnown(list)) return null;
  const most = largest(list, 1);
  const cell = (i) =>
    list[i]
      ? barCell(grouped(list[i]), 0, list[i] / most)
      : barCell(list[i] === 0 ? '0' : '–', 0, null);
  return { head: heading(text, unit, source), cell };
}

// Of pruned models: which share of a layer's weights is zero.
function sparsityColumn(row) {
  const weights = detail(row, 'layer_weights');
  const zeros = detail(row, 'layer_zeros');
  if (!isKnown(weights) || !isKnown(zeros)) return null;
  const cell = (i) =>
    weights[i]
      ? barCell(percent(zeros[i] / weights[i], 1), 0, zeros[i] / weights[i])
      : barCell('–', 0, null);
  return { head: heading('zero weights', '%', 'measured'), cell };
}

// The number is the SNR, the bar the share of the noise.
function noiseColumn(row, worst) {
  const snr = detail(row, 'layer_snr_db');
  if (!isKnown(snr)) return null;
  const shares = noiseShares(snr);
  const cell = (i) =>
    snr[i] === null
      ? barCell('–', 0, null)
      : barCell(snr[i].toFixed(1), 0, shares[i], { worse: i === worst });
  return { head: heading('SNR alone', 'dB; bar: share of noise', 'measured'), cell };
}

function layerTable(row) {
  const names = detail(row, 'layer_names');
  if (!names?.length) return null;
  const ops = detail(row, 'layer_ops');
  const costliest = costliestLayer(row);
  const parts = [
    ...keysOf(row).map((key) => workColumn(row, key)),
    sparsityColumn(row),
    noiseColumn(row, costliest?.place),
  ].filter(Boolean);
  const heads = parts.map(({ head }) => element('th', { scope: 'col', class: 'number' }, head));
  const body = names.map((name, i) =>
    element(
      'tr',
      { class: i === costliest?.place ? 'worst' : null },
      element('th', { scope: 'row' }, name),
      element('td', {}, ops[i]),
      parts.map(({ cell }) => cell(i)),
    ),
  );
  const note = costliest
    ? `${costliest.text}. SNR alone: of the logits where this layer alone is compressed and all ` +
      'others run in float.'
    : 'In the order of execution.';
  const [layer, operator] = ['layer', 'operator'].map((text) =>
    element('th', { scope: 'col' }, text),
  );
  return [
    element('h3', {}, 'Layers'),
    element('p', { class: 'note' }, note),
    scrolling(
      'Layers',
      element(
        'table',
        { class: 'bars wide sticky' },
        element('thead', {}, element('tr', {}, layer, operator, heads)),
        element('tbody', {}, body),
      ),
    ),
  ];
}
