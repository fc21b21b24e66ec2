// Looks at a report in a browser: node report.mjs PACKAGES CHROMIUM CHECK PAGE
// CHECK is one of the functions below; it throws where the page is not as it should be. With
// MOTE_SCREENSHOTS, a folder, `looks` leaves its pictures there. Started by report_test.cc.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { launch, open, packages, showAll, views } from '../support/browser/browser.mjs';

const [packageFolder, chromium, check, file] = process.argv.slice(2);
const wide = views[0];

function expectQuiet(said) {
  assert.deepEqual(said, { requests: [], messages: [], errors: [] });
}

// Of each canvas the number of pixels that are painted, and of colours among them.
const paintedCanvases = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set();
      let painted = 0;
      for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 0) {
          painted++;
          colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
        }
      return { painted, colours: colours.size, label: canvas.getAttribute('aria-label') };
    }),
  );

async function expectDrawn(page, least) {
  const canvases = await paintedCanvases(page);
  assert.ok(canvases.length >= least, `${canvases.length} charts, at least ${least} expected`);
  for (const { painted, colours, label } of canvases) {
    assert.ok(painted > 2000 && colours > 5, `a chart is empty: ${label}`);
    assert.ok(label?.length > 20, 'a chart says nothing to those who cannot see it');
  }
}

async function expectAccessible(page) {
  await page.evaluate(fs.readFileSync(packages(packageFolder).resolve('axe-core'), 'utf8'));
  const violations = await page.evaluate(async () =>
    (await axe.run(document)).violations
      .filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map((node) => node.html)
            .join(' ')}`,
      ),
  );
  assert.deepEqual(violations, []);
}

const checks = {
  // Both widths, both themes: silent, drawn, no wider than the window, accessible.
  async looks(browser) {
    for (const view of views) {
      const { page, said, context } = await open(browser, file, view);
      await showAll(page);
      await expectDrawn(page, 5);
      assert.match(await page.locator('#model .facts').innerText(), /other 50 %, load 30 %/);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= view.width, `${view.name}: the page is ${width} pixels wide`);
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(
        Number(background.match(/\d+/)[0]) < 128,
        view.colorScheme === 'dark',
        background,
      );
      const folder = process.env.MOTE_SCREENSHOTS;
      if (folder)
        await page.screenshot({
          path: path.join(folder, `${view.name.replace(' ', '-')}.png`),
          fullPage: true,
        });
      await expectAccessible(page);
      expectQuiet(said);
      await context.close();
    }
  },

  async comparesPruned(browser) {
    const { page, said } = await open(browser, file, wide);
    await page.locator('#cost').scrollIntoViewIfNeeded();
    const row = (name) =>
      page
        .locator('#cost tbody tr')
        .filter({ has: page.getByRole('rowheader', { name, exact: true }) })
        .locator('td');
    assert.equal((await row('prune').allTextContents())[1], '1.00×');
    assert.equal((await row('int8').allTextContents())[1], '0.26×');
    await page.locator('#model').scrollIntoViewIfNeeded();
    await page.locator('#model select[name=recipe]').selectOption('prune');
    const facts = await page.locator('#model .facts').innerText();
    for (const name of ['host latency', 'instructions', 'constants'])
      assert.match(facts, new RegExp(`${name}\\s+[\\d,.]+.*\\s+float32: [\\d,.]+`));
    const recall = page.locator('#model figure', { hasText: 'Recall per class' });
    assert.match(await recall.locator('.finding').innerText(), /float32 [\d.]+ %\.$/);
    const parts = await page.locator('#model table', { hasText: 'masks' }).first().innerText();
    assert.match(parts, /biases\s+[\d,]+\s+[\d,]+/);
    expectQuiet(said);
  },

  // Beside the models of its data set, in the words and numbers of its source.
  async published(browser) {
    const { page, said } = await open(browser, file, wide);
    await page.locator('#compression').scrollIntoViewIfNeeded();
    const section = page.locator('#compression');
    const told = () => section.locator('li', { hasText: 'paper' }).allTextContents();
    await section.locator('select[name=data]').selectOption('cifar-10');
    assert.deepEqual(await told(), [
      '<b>MobileNet</b>: 77.01 % smaller (4.35×), minimal loss, data set not told, ' +
        'in bytes that are not told (a paper, 2025).',
      'another: 50 % smaller (2×), −0.30 points, on cifar-10, counting gzip (another paper).',
    ]);
    await section.locator('select[name=data]').selectOption('mnist');
    assert.equal((await told()).length, 1);
    expectQuiet(said);
  },

  // Four pixels for one, on white in a dark theme too.
  async savesPictures(browser) {
    const { page, said } = await open(browser, file, { width: 1400, colorScheme: 'dark' });
    await page.locator('#compression').scrollIntoViewIfNeeded();
    const figure = page.locator('#compression figure').nth(1);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      figure.locator('button.save').click(),
    ]);
    assert.equal(download.suggestedFilename(), 'Compression-and-loss-cifar-10.png');
    const png = fs.readFileSync(await download.path());
    assert.deepEqual([...png.subarray(1, 4)].map((code) => String.fromCharCode(code)).join(''), 'PNG');
    const { width, height } = await figure.locator('.canvas').boundingBox();
    assert.ok(Math.abs(png.readUInt32BE(16) - 4 * width) <= 4);
    assert.ok(Math.abs(png.readUInt32BE(20) - 4 * height) <= 4);
    const corner = await page.evaluate(async (base64) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const context = Object.assign(document.createElement('canvas'), image).getContext('2d');
      context.drawImage(image, 0, 0);
      return [...context.getImageData(0, 0, 1, 1).data];
    }, png.toString('base64'));
    assert.deepEqual(corner, [255, 255, 255, 255]);
    expectQuiet(said);
  },

  async sorts(browser) {
    const { page, said } = await open(browser, file, wide);
    await page.locator('#results').scrollIntoViewIfNeeded();
    const heading = (name) => page.locator('#results thead th', { hasText: name });
    const values = async (name) => {
      const place = await heading(name).evaluate((cell) => cell.cellIndex);
      const texts = await page
        .locator(`#results tbody tr > :nth-child(${place + 1})`)
        .allTextContents();
      return texts
        .filter((text) => text !== '')
        .map((text) => Number(text.split('.')[0].replaceAll(',', '')));
    };
    const expectOrder = async (name, order) => {
      assert.equal(await heading(name).getAttribute('aria-sort'), order);
      const found = await values(name);
      assert.ok(found.length > 10);
      const sorted = found.toSorted
        ? found.toSorted((a, b) => a - b)
        : [...found].sort((a, b) => a - b);
      assert.deepEqual(found, order === 'ascending' ? sorted : sorted.reverse());
    };
    await heading('flash').locator('button').click();
    await expectOrder('flash', 'ascending');
    await heading('flash').locator('button').click();
    await expectOrder('flash', 'descending');

    // By keyboard: tab from the search to the heading.
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    await page.locator('#results input[type=search]').focus();
    for (let i = 0; i < 40 && !(await focused()).startsWith('instructions'); i++)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expectOrder('instructions', 'ascending');
    assert.ok((await focused()).startsWith('instructions'), 'the focus stays on the heading');
    await page.keyboard.press('Space');
    await expectOrder('instructions', 'descending');
    assert.equal(await page.locator('#results th[aria-sort]').count(), 1);
    expectQuiet(said);
  },

  async filters(browser) {
    const { page, said } = await open(browser, file, wide);
    await page.locator('#results').scrollIntoViewIfNeeded();
    const rows = () => page.locator('#results tbody tr');
    const all = await rows().count();
    const select = page.locator('#results select[name=filter-recipe]');
    await select.selectOption('int8');
    const some = await rows().count();
    assert.ok(some > 0 && some < all);
    for (const text of await rows().allTextContents()) assert.match(text, /int8/);
    assert.match(await page.locator('#results [role=status]').textContent(), /filtered from/);

    // By keyboard: the first choice means all, letters choose.
    await select.focus();
    await page.keyboard.press('Home');
    assert.equal(await rows().count(), all);
    await page.keyboard.type('float16');
    for (const text of await rows().allTextContents()) assert.match(text, /float16/);
    await page.keyboard.press('Home');
    await page.locator('#results input[type=search]').focus();
    await page.keyboard.type('resnet20 mnist');
    for (const text of await rows().allTextContents()) assert.match(text, /resnet20.*mnist/);
    await page.keyboard.type(' nothing');
    assert.equal(await rows().count(), 0);
    expectQuiet(said);
  },

  // A row's network opens it under "One model", by mouse and by keyboard.
  async opensModels(browser) {
    const { page, said } = await open(browser, file, wide);
    await page.locator('#results').scrollIntoViewIfNeeded();
    const chosen = () =>
      page.locator('#model select').evaluateAll((list) => list.map((select) => select.value));
    const row = (network, recipe) =>
      page
        .locator('#results tbody tr')
        .filter({ hasText: network })
        .filter({ has: page.getByRole('cell', { name: recipe, exact: true }) })
        .first();
    await row('resnet20_v1', 'float16').locator('button').click();
    assert.deepEqual((await chosen()).slice(1, 3), ['resnet20_v1', 'float16']);
    await row('resnet20_v2', 'int16x8').locator('button').focus();
    await page.keyboard.press('Enter');
    assert.deepEqual((await chosen()).slice(1, 3), ['resnet20_v2', 'int16x8']);
    // The focus is there as well: the next key changes the choice.
    await page.keyboard.press('ArrowDown');
    assert.equal((await chosen())[0], 'mnist');
    assert.equal(await page.locator('#model svg.plan[role=img]').count(), 1);
    assert.ok((await page.locator('#model svg.plan rect').count()) > 10);
    expectQuiet(said);
  },

  // 1,000 models: the main thread needs at most 2 s until the table has been sorted and filtered
  // and a model opened. Seconds of the processor, since tests share the machine.
  async isQuick(browser) {
    const context = await browser.newContext({
      offline: true,
      viewport: { width: 1400, height: 900 },
    });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const begin = Date.now();
    await page.goto(`file://${path.resolve(file)}`);
    const shown = Date.now() - begin;
    await page.evaluate(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
      document.getElementById('results').scrollIntoView();
      while (!document.querySelector('#results tbody tr')) await frame();
      document.querySelectorAll('#results thead button')[5].click();
      await frame();
      const search = document.querySelector('#results input[type=search]');
      search.value = 'resnet20';
      search.dispatchEvent(new Event('input'));
      await frame();
      document.querySelector('#results tbody button').click();
      await frame();
    });
    const wall = Date.now() - begin;
    const { metrics } = await session.send('Performance.getMetrics');
    const busy = metrics.find(({ name }) => name === 'TaskDuration').value;
    console.log(
      `shown after ${shown} ms, sorted, filtered and opened after ${wall} ms; ` +
        `${busy.toFixed(2)} s of the main thread`,
    );
    assert.ok(busy > 0.01 && busy < 2, `${busy} s`);
  },

  // Names full of markup are shown as they are and do nothing.
  async showsNamesAsText(browser) {
    const { page, said } = await open(browser, file, wide);
    await showAll(page);
    assert.equal(await page.locator('img, iframe, b, object, main script').count(), 0);
    assert.equal(await page.evaluate(() => globalThis.ran), undefined);
    const text = await page.locator('#results').textContent();
    assert.ok(text.includes('</script><script>globalThis.ran = 1</script>'), text.slice(0, 400));
    await expectDrawn(page, 4);
    expectQuiet(said);
  },

  // Damaged records are named; every other model can still be looked at.
  async survivesDamage(browser) {
    const { page, said } = await open(browser, file, wide);
    await showAll(page);
    expectQuiet(said);
    const problems = await page.locator('#problems tbody tr').allTextContents();
    assert.ok(problems.length > 20);
    assert.ok(problems.some((text) => /record\.json.*is no JSON/.test(text)));
    assert.ok(problems.some((text) => /record\.json\/result\/evaluation\/top1/.test(text)));
    const more = page.locator('#results .toolbar-end button');
    while (await more.isVisible()) await more.click();
    const buttons = await page.locator('#results tbody button').count();
    assert.ok(buttons > 40, `${buttons} models can be opened`);
    for (let i = 0; i < buttons; i++)
      await page.evaluate(
        (place) => document.querySelectorAll('#results tbody button')[place].click(),
        i,
      );
    const headings = await page.locator('#results thead button').count();
    for (let i = 0; i < headings; i++)
      await page.evaluate(
        (place) => document.querySelectorAll('#results thead button')[place].click(),
        i,
      );
    expectQuiet(said);
  },

  // Printing draws what was never scrolled to, all rows, in light colours.
  async prints(browser) {
    const { page, said } = await open(browser, file, { width: 1400, colorScheme: 'dark' });
    const pdf = await page.pdf({ format: 'A4', printBackground: true });
    if (process.env.MOTE_SCREENSHOTS)
      fs.writeFileSync(path.join(process.env.MOTE_SCREENSHOTS, 'printed.pdf'), pdf);
    await expectDrawn(page, 5);
    const rows = await page.evaluate(() => [
      document.querySelectorAll('#results tbody tr').length,
      packed.rows,
    ]);
    assert.equal(rows[0], rows[1]);
    assert.ok(pdf.length > 50_000);
    expectQuiet(said);
  },
};

const browser = await launch(packageFolder, chromium);
try {
  await checks[check](browser);
} finally {
  await browser.close();
}
