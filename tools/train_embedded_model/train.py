#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Train the embedded model and write everything under workloads/embedded.

    python3 tools/train_embedded_model/train.py --minutes 40 --seed 1

Needs `bible` (Debian bible-kjv), PyTorch and NumPy. Training takes one CPU thread.
A checkpoint in --work lets the same command continue an interrupted run.
"""

import argparse
import json
import math
import os
import tempfile
import time
from pathlib import Path

import torch
import torch.nn.functional as F

import corpus
import export
import report
import tokenizer as bpe
from model import Config, Llama

REPOSITORY = Path(__file__).resolve().parents[2]
LOSS_WINDOW = 100  # steps over which the reported training loss is averaged


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=40, help="training time, wall clock")
    parser.add_argument("--steps", type=int, help="train for this many steps instead of --minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=8, help="sequences per step")
    parser.add_argument("--lr", type=float, default=3e-3, help="peak learning rate")
    parser.add_argument("--warmup-steps", type=int, default=100)
    parser.add_argument("--weight-decay", type=float, default=0.1)
    parser.add_argument("--export-every", type=float, default=5, help="minutes between exports")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "workloads/embedded")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "lutsim_embedded_model",
        help="folder of the checkpoint; remove it to start afresh",
    )
    return parser.parse_args()


class Batches:
    """Training sequences: BOS, then the text from the start of some verse on.

    Documents are laid end to end, each as BOS text EOS, so that a sequence may run
    into the next document. The draw of a step depends on the seed and the step alone.
    """

    def __init__(self, chapters, tokenizer, context, seed):
        stream, starts = [], []
        for chapter in chapters:
            stream.append(bpe.BOS)
            for verse in chapter.verses:
                starts.append(len(stream))
                stream += tokenizer.encode(verse)
            stream.append(bpe.EOS)
        self.stream = torch.tensor(stream)  # [tokens]
        self.starts = torch.tensor([s for s in starts if s + context <= len(stream)])
        self.context, self.seed = context, seed

    def draw(self, step, batch):
        """(inputs, targets), each [batch, context]."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_000 + step)
        picks = torch.randint(len(self.starts), (batch,), generator=generator)
        targets = self.stream[self.starts[picks, None] + torch.arange(self.context)]
        inputs = torch.cat((torch.full((batch, 1), bpe.BOS), targets[:, :-1]), 1)
        return inputs, targets


def make_optimizer(model, arguments):
    """AdamW; norm weights are not decayed."""
    matrices = [p for p in model.parameters() if p.ndim == 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    groups = [
        {"params": matrices, "weight_decay": arguments.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=arguments.lr, betas=(0.9, 0.95))


class Run:
    """State of a training run: what a checkpoint keeps."""

    def __init__(self, arguments, config):
        torch.manual_seed(arguments.seed)
        self.arguments = arguments
        self.checkpoint = arguments.work / "checkpoint.pt"
        self.model = Llama(config)
        self.optimizer = make_optimizer(self.model, arguments)
        self.step, self.seconds, self.losses = 0, 0.0, []
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint)
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.seconds, self.losses = state["step"], state["seconds"], state["losses"]

    def save(self):
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "losses": self.losses,
        }
        temporary = self.checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        os.replace(temporary, self.checkpoint)

    @property
    def progress(self):
        """Fraction of the run that is done: by steps if they were given, else by time."""
        if self.arguments.steps:
            return self.step / self.arguments.steps
        return self.seconds / (60 * self.arguments.minutes)

    def learning_rate(self):
        """Linear warm-up, then half a cosine down to zero at the end of the run."""
        warmup = min(1.0, (self.step + 1) / self.arguments.warmup_steps)
        return self.arguments.lr * warmup * 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress)))

    def train_step(self, batches):
        began = time.monotonic()
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        inputs, targets = batches.draw(self.step, self.arguments.batch)
        loss = F.cross_entropy(self.model(inputs).flatten(0, 1), targets.flatten())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.losses = self.losses[1 - LOSS_WINDOW :] + [loss.item()]
        self.step += 1
        self.seconds += time.monotonic() - began

    def record(self, batches, chapters, tokenizer):
        """Provenance of the weights, as training.json states it."""
        a, config = self.arguments, self.model.config
        tokens = self.step * a.batch * config.context
        return {
            "complete": self.progress >= 1,
            "seed": a.seed,
            "steps": self.step,
            "sequences_per_step": a.batch,
            "tokens_per_sequence": config.context,
            "tokens": tokens,
            "corpus_tokens": len(batches.stream),
            "epochs": round(tokens / len(batches.stream), 2),
            "training_documents": len(chapters),
            "minutes": round(self.seconds / 60, 1),
            "tokens_per_second": round(tokens / max(self.seconds, 1e-9)),
            "peak_learning_rate": a.lr,
            "final_train_loss": round(sum(self.losses) / max(len(self.losses), 1), 4),
            "text_package": "bible-kjv-text " + corpus.package_version(),
            "torch": torch.__version__,
        }


def main():
    arguments = parse_arguments()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)

    config = Config()
    training, held_out, calibration = corpus.split(corpus.read_chapters())
    tokenizer = bpe.train([c.text for c in training], config.vocab)
    batches = Batches(training, tokenizer, config.context, arguments.seed)
    report.write_texts(arguments.out, held_out, calibration)

    run = Run(arguments, config)

    def publish():
        run.save()
        export.save(arguments.out / f"{export.MODEL_NAME}.gguf", run.model, tokenizer)
        record = run.record(batches, training, tokenizer)
        report.write_report(arguments.out, record)
        print(json.dumps(record), flush=True)

    exported = run.seconds
    while run.progress < 1:
        run.train_step(batches)
        if run.step % LOSS_WINDOW == 0:
            mean = sum(run.losses) / len(run.losses)
            speed = run.step * arguments.batch * config.context / run.seconds
            line = f"step {run.step} {run.seconds:.0f} s loss {mean:.4f} {speed:.0f} tokens/s"
            print(line, flush=True)
        if run.seconds - exported >= 60 * arguments.export_every:
            exported = run.seconds
            publish()
    publish()


if __name__ == "__main__":
    main()
