// Debian's Chromium, driven by playwright-core, for tests of the report (tests/browser):
// opens a page from file:// with the network off, and keeps what it asked for and said.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export const views = [
  { name: 'wide light', width: 1400, colorScheme: 'light' },
  { name: 'wide dark', width: 1400, colorScheme: 'dark' },
  { name: 'narrow light', width: 380, colorScheme: 'light' },
  { name: 'narrow dark', width: 380, colorScheme: 'dark' },
];

// PACKAGES: the folder with node_modules.
export function packages(folder) {
  return createRequire(path.resolve(folder, 'package.json'));
}

export async function launch(folder, executable) {
  const { chromium } = packages(folder)('playwright-core');
  return chromium.launch({
    executablePath: executable,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--font-render-hinting=none',
    ],
  });
}

// The page and what went on: `requests` beyond the file itself, `messages` of the console, `errors`
// of scripts.
export async function open(browser, file, view) {
  const context = await browser.newContext({
    offline: true,
    colorScheme: view.colorScheme,
    viewport: { width: view.width, height: 900 },
  });
  const page = await context.newPage();
  const url = pathToFileURL(path.resolve(file)).href;
  const said = { requests: [], messages: [], errors: [] };
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== url) said.requests.push(request.url());
  });
  page.on('console', (message) => said.messages.push(message.text()));
  page.on('pageerror', (error) => said.errors.push(String(error.stack ?? error)));
  page.on('dialog', (dialog) => {
    said.errors.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.goto(url);
  return { page, said, context };
}

// Down the whole page, so that every section is built and drawn.
export async function showAll(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
      scrollTo({ top: y, behavior: 'instant' });
      await frame();
      await frame();
    }
    scrollTo({ top: 0, behavior: 'instant' });
    await frame();
  });
}
