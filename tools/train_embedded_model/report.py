# SPDX-License-Identifier: Apache-2.0
"""Known answers of the exported file, for tests, and the README beside it."""

import hashlib
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

import corpus
import export
from gguf import write_atomically
from tokenizer import BOS

GREEDY_PROMPT = "In the beginning"
GREEDY_TOKENS = 64
# Known words, punctuation, runs of spaces, a line break, characters outside the vocabulary.
TOKENIZER_SAMPLES = (
    "In the beginning God created the heaven and the earth.",
    "And he said unto them, Xerxes' 40 caf\u00e9s (are  not)\n here!",
)


def write_texts(out, held_out, calibration):
    """held_out.txt and calibration.txt of folder `out`."""
    for name, chapters in (("held_out.txt", held_out), ("calibration.txt", calibration)):
        contents = corpus.join_documents([chapter.text for chapter in chapters])
        write_atomically(out / name, contents.encode())


@torch.no_grad()
def score(model, tokenizer, documents):
    """(tokens scored, mean NLL in nats per token).

    Each document on its own: BOS + text, cut to context + 1 tokens, all but BOS scored.
    """
    tokens, total = 0, 0.0
    for text in documents:
        ids = torch.tensor([BOS] + tokenizer.encode(text))[: model.config.context + 1]
        losses = F.cross_entropy(model(ids[None, :-1])[0], ids[1:], reduction="none")
        tokens += len(losses)
        total += losses.double().sum().item()
    return tokens, total / tokens


@torch.no_grad()
def greedy(model, tokenizer, prompt, count):
    """(BOS + prompt + `count` most likely tokens, smallest lead of a winner in logits)."""
    ids = [BOS] + tokenizer.encode(prompt)
    lead = math.inf
    for _ in range(count):
        values, tokens = model(torch.tensor([ids]))[0, -1].topk(2)
        lead = min(lead, (values[0] - values[1]).item())
        ids.append(tokens[0].item())
    return ids, lead


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_report(out, training):
    """known_answers.json, training.json and README.md from the files in `out`.

    training: the record of the run, as `train.Run.record` returns it.
    """
    path = out / f"{export.MODEL_NAME}.gguf"
    model, tokenizer = export.load(path)
    documents = corpus.split_documents((out / "held_out.txt").read_bytes().decode())
    tokens, nll = score(model, tokenizer, documents)
    ids, lead = greedy(model, tokenizer, GREEDY_PROMPT, GREEDY_TOKENS)
    files = [path, out / "held_out.txt", out / "calibration.txt"]
    answers = {
        "model": path.name,
        "held_out": {
            "file": "held_out.txt",
            "documents": len(documents),
            "scored_tokens": tokens,
            "nll_per_token": round(nll, 6),
            "perplexity": round(math.exp(nll), 5),
        },
        "greedy": {
            "prompt": GREEDY_PROMPT,
            "tokens": ids,
            "text": tokenizer.decode(ids),
            "smallest_logit_lead": round(lead, 6),
        },
        "tokenizer": [
            {"text": text, "tokens": [BOS] + tokenizer.encode(text)} for text in TOKENIZER_SAMPLES
        ],
        "sha256": {file.name: _sha256(file) for file in files},
    }
    for name, content in (("known_answers.json", answers), ("training.json", training)):
        write_atomically(out / name, (json.dumps(content, indent=1) + "\n").encode())
    write_atomically(out / "README.md", _readme(model, files, answers, training).encode())


def _readme(model, files, answers, training):
    template = Path(__file__).with_name("README.template.md").read_text()
    parameters = sum(p.numel() for p in model.parameters())
    rows = [f"| `{f.name}` | {f.stat().st_size} | `{_sha256(f)}` |" for f in files]
    return template.format(
        name=export.MODEL_NAME,
        config=model.config,
        parameters=f"{parameters:,}",
        held_out=answers["held_out"],
        greedy=answers["greedy"],
        training=training,
        files="\n".join(rows),
        state="" if training["complete"] else "\n**Not final: exported while training goes on.**\n",
    )
