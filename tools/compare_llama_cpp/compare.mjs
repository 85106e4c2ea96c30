// SPDX-License-Identifier: Apache-2.0
// llama.cpp against a file of known answers, or its answers into such a file: README.md.
import {createRequire} from "node:module";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import {pathToFileURL} from "node:url";
import {parseArgs} from "node:util";

const USAGE = "usage: node compare.mjs --package DIR [--write] MODEL.gguf ANSWERS.json";
const PROBABILITY_DIGITS = 6;

async function importNodeLlamaCpp(directory) {
    const require = createRequire(path.join(path.resolve(directory), "package.json"));
    return import(pathToFileURL(require.resolve("node-llama-cpp")).href);
}

function encode(model, text) {
    return [model.tokens.bos, ...model.tokenize(text, false)];
}

// Prompt tokens and `count` greedy ones as an FP32 engine computes them: FP32 KV cache, no flash
// attention, one thread.
async function generate(model, prompt, count) {
    const tokens = encode(model, prompt);
    const context = await model.createContext({
        contextSize: tokens.length + count,
        threads: 1,
        flashAttention: false,
        experimentalKvCacheKeyType: "F32",
        experimentalKvCacheValueType: "F32"
    });
    const probabilities = [];
    const evaluation = context.getSequence().evaluateWithMetadata(
        [...tokens], {confidence: true}, {temperature: 0, yieldEogToken: true});
    for await (const {token, confidence} of evaluation) {
        tokens.push(token);
        probabilities.push(Number(confidence.toFixed(PROBABILITY_DIGITS)));
        if (probabilities.length === count) break;
    }
    await context.dispose();
    return {tokens, probabilities};
}

// Index of the first token that differs, -1 when the lists are equal.
function firstDifference(a, b) {
    const length = Math.max(a.length, b.length);
    for (let i = 0; i < length; ++i) if (a[i] !== b[i]) return i;
    return -1;
}

function compare(name, found, expected) {
    const at = firstDifference(found, expected);
    console.log(at < 0
        ? `${name}: ${found.length} tokens equal`
        : `${name}: token ${at} differs: llama.cpp ${found[at]}, known answer ${expected[at]}`);
    return at < 0;
}

const {values: options, positionals} = parseArgs({
    allowPositionals: true,
    options: {package: {type: "string"}, write: {type: "boolean", default: false}}
});
if (positionals.length !== 2 || options.package == null) {
    console.error(USAGE);
    process.exit(2);
}
const [modelPath, answersPath] = positionals;
const answers = JSON.parse(fs.readFileSync(answersPath, "utf8"));
const {getLlama} = await importNodeLlamaCpp(options.package);
const llama = await getLlama({build: "never", gpu: false, skipDownload: true, logLevel: "error"});
const model = await llama.loadModel({modelPath, gpuLayers: 0});

const {greedy, tokenizer} = answers;
const count = greedy.generated_tokens ??
    greedy.tokens.length - encode(model, greedy.prompt).length;
const generated = await generate(model, greedy.prompt, count);
const encoded = tokenizer.map(({text}) => encode(model, text));

let agree = true;
if (options.write) {
    Object.assign(greedy, {generated_tokens: count, ...generated});
    tokenizer.forEach((entry, i) => Object.assign(entry, {tokens: encoded[i]}));
    fs.writeFileSync(answersPath, JSON.stringify(answers) + "\n");
    console.log(`wrote ${answersPath}`);
} else {
    agree = compare("greedy", generated.tokens, greedy.tokens);
    for (const [i, {text, tokens}] of tokenizer.entries()) {
        agree = compare(`tokenizer ${JSON.stringify(text)}`, encoded[i], tokens) && agree;
    }
}
process.exit(agree ? 0 : 1);
