// The memory plan of a model, drawn over time.

// Buffers as rectangles: when they live (steps, to the right) and where they lie (bytes, upwards).
function planDrawing(row, width) {
  const names = detail(row, 'buffer_names'),
    sizes = detail(row, 'buffer_sizes'),
    offsets = detail(row, 'buffer_offsets'),
    first = detail(row, 'buffer_first'),
    last = detail(row, 'buffer_last');
  const steps = largest(
    last.map((step) => step + 1),
    Math.max(1, row.plan_steps),
  );
  const top = largest(
    offsets.map((offset, i) => offset + sizes[i]),
    Math.max(1, row.peak_bytes),
  );
  const margin = { left: 58, right: 12, top: 24, bottom: 34 },
    height = width < 500 ? 300 : 360;
  const x = (step) => margin.left + (step / steps) * (width - margin.left - margin.right);
  const y = (byte) => height - margin.bottom - (byte / top) * (height - margin.top - margin.bottom);
  const label =
    `Memory plan of ${names.length} buffers over ${steps} steps: ` +
    `peak ${grouped(row.peak_bytes)} B, ` +
    `lower bound ${grouped(row.lower_bound_bytes)} B.`;
  const svg = drawing('svg', {
    class: 'plan',
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': label,
  });
  for (const byte of roundTicks(top, 6)) {
    svg.append(
      drawing('line', {
        class: 'grid',
        x1: margin.left,
        x2: width - margin.right,
        y1: y(byte),
        y2: y(byte),
      }),
      drawing(
        'text',
        { class: 'axis', x: margin.left - 7, y: y(byte) + 4, 'text-anchor': 'end' },
        bytes(byte),
      ),
    );
  }
  for (const step of roundTicks(steps - 1, width < 500 ? 4 : 8))
    svg.append(
      drawing(
        'text',
        {
          class: 'axis',
          x: x(step + 0.5),
          y: height - margin.bottom + 15,
          'text-anchor': 'middle',
        },
        String(step),
      ),
    );
  svg.append(
    drawing(
      'text',
      { class: 'axis', x: (margin.left + width) / 2, y: height - 4, 'text-anchor': 'middle' },
      'step',
    ),
  );
  names.forEach((name, i) => {
    const left = x(first[i]),
      right = x(last[i] + 1),
      upper = y(offsets[i] + sizes[i]),
      lower = y(offsets[i]);
    if (right <= left || lower <= upper) return;
    svg.append(
      drawing(
        'rect',
        { class: 'buffer', x: left, y: upper, width: right - left, height: lower - upper },
        drawing(
          'title',
          {},
          `${name}: ${grouped(sizes[i])} B at ${grouped(offsets[i])}, ` +
            `steps ${first[i]} to ${last[i]}`,
        ),
      ),
    );
    const letters = Math.floor((right - left - 8) / 6.2);
    if (letters >= 4 && lower - upper >= 15)
      svg.append(
        drawing(
          'text',
          { x: left + 5, y: Math.min(lower - 4, upper + 13), 'aria-hidden': true },
          name.length > letters ? `${name.slice(0, letters - 1)}…` : name,
        ),
      );
  });
  const line = (kind, byte) =>
    drawing('line', {
      class: kind,
      x1: margin.left,
      x2: width - margin.right,
      y1: y(byte),
      y2: y(byte),
    });
  svg.append(line('peak', row.peak_bytes));
  if (row.lower_bound_bytes < row.peak_bytes) svg.append(line('bound', row.lower_bound_bytes));
  return svg;
}
function roundTicks(most, count) {
  if (most <= 0) return [0];
  const rough = most / count,
    power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= rough) * power);
  const ticks = [];
  for (let tick = 0; tick <= most; tick += step) ticks.push(tick);
  return ticks;
}

function planFigure(row) {
  if (!detail(row, 'buffer_names')?.length || !row.peak_bytes) return null;
  const host = element('div');
  const draw = () => {
    if (!host.isConnected) return;
    host.replaceChildren(planDrawing(row, Math.max(300, Math.round(host.clientWidth))));
  };
  drawn(host, draw);
  const key = (kind, text) =>
    element(
      'li',
      {},
      drawing(
        'svg',
        { class: 'plan', width: 22, height: 8, style: { width: '22px' }, 'aria-hidden': true },
        drawing('line', { class: kind, x1: 0, x2: 22, y1: 4, y2: 4 }),
      ),
      text,
    );
  const optimal = row.peak_bytes === row.lower_bound_bytes;
  return [
    element('h3', {}, 'Memory plan'),
    element(
      'p',
      { class: 'note' },
      'Each rectangle is a buffer of the arena: from the step that writes it ' +
        'to the last that reads it, at its place in memory.',
    ),
    element(
      'figure',
      {},
      host,
      element(
        'ul',
        { class: 'legend' },
        optimal
          ? key('peak', `peak: ${grouped(row.peak_bytes)} B, the lower bound: no plan is smaller`)
          : [
              key('peak', `peak: ${grouped(row.peak_bytes)} B`),
              key('bound', `lower bound: ${grouped(row.lower_bound_bytes)} B`),
            ],
      ),
    ),
  ];
}
