// Runs a TFLite model in LiteRT.js, Google's own runtime compiled to WebAssembly, on raw bytes:
//   node run.mjs PACKAGES MODEL INPUTS OUTPUTS
// PACKAGES: the folder with node_modules/@litertjs/core. INPUTS: one input tensor after another.
// The package's own interface knows three element types, so this speaks to the module beneath it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [packages, modelFile, inputFile, outputFile] = process.argv.slice(2);
const wasm = path.resolve(packages, 'node_modules/@litertjs/core/wasm');
const name = path.join(wasm, 'litert_wasm_compat_internal');

// The loader is CommonJS within a package that declares itself to be modules.
const loader = { exports: {} };
const load = new Function('module', 'exports', 'require', '__filename', '__dirname',
                          fs.readFileSync(`${name}.js`, 'utf8'));
load(loader, loader.exports, createRequire(import.meta.url), `${name}.js`, wasm);
globalThis.self = globalThis;
const litert = await loader.exports({
  wasmBinary: fs.readFileSync(`${name}.wasm`),
  print: console.error,
  printErr: console.error,
});

const environment = litert.LiteRtEnvironment.create(null);
const bytes = fs.readFileSync(modelFile);
const address = litert._malloc(bytes.length);
litert.HEAPU8.set(bytes, address);
const model = litert.loadModel(environment, address, bytes.length);
const compiled = await litert.compileModel(environment, model, { accelerator: 'wasm' });

const inputType = model.getInputTensorType(0, 0);
const inputBytes = inputType.bytes();
const inputs = fs.readFileSync(inputFile);
const outputs = [];
const { HOST_MEMORY } = litert.LiteRtTensorBufferType;
const { READ, WRITE } = litert.LiteRtTensorBufferLockMode;
for (let begin = 0; begin < inputs.length; begin += inputBytes) {
  const input = litert.LiteRtTensorBuffer.createManaged(environment, HOST_MEMORY, inputType,
                                                        inputBytes);
  litert.HEAPU8.set(inputs.subarray(begin, begin + inputBytes), input.lock(WRITE));
  input.unlock();
  const [output] = await compiled.run(0, [input]);
  const from = output.lock(READ);
  outputs.push(Buffer.from(litert.HEAPU8.slice(from, from + output.size())));
  output.unlock();
  output.delete();
  input.delete();
}
fs.writeFileSync(outputFile, Buffer.concat(outputs));
