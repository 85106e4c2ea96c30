# SPDX-License-Identifier: Apache-2.0
"""The model as a GGUF file that llama.cpp reads as a "llama" model, and back."""

import numpy as np
import torch

import gguf
from gguf import BOOL, FLOAT32, INT32, STRING, UINT32
from model import Config, Llama
from tokenizer import BOS, EOS, SPECIAL_PIECES, UNK, Tokenizer

MODEL_NAME = "kjv-1m"
FILE_TYPE_MOSTLY_F16 = 1
TOKEN_NORMAL, TOKEN_UNKNOWN, TOKEN_CONTROL, TOKEN_BYTE = 1, 2, 3, 6

_BLOCK_NAMES = {
    "attn_norm": "attn_norm",
    "wq": "attn_q",
    "wk": "attn_k",
    "wv": "attn_v",
    "wo": "attn_output",
    "ffn_norm": "ffn_norm",
    "w1": "ffn_gate",
    "w2": "ffn_down",
    "w3": "ffn_up",
}


def _tensor_name(parameter):
    """GGUF name of a `Llama` parameter, e.g. blocks.0.wq.weight -> blk.0.attn_q.weight."""
    if parameter.startswith("blocks."):
        _, index, name, _ = parameter.split(".")
        return f"blk.{index}.{_BLOCK_NAMES[name]}.weight"
    return {"embedding.weight": "token_embd.weight", "norm.weight": "output_norm.weight"}[parameter]


def _metadata(config, tokenizer):
    types = [TOKEN_NORMAL] * config.vocab
    types[: len(SPECIAL_PIECES)] = [TOKEN_BYTE] * len(SPECIAL_PIECES)
    types[UNK], types[BOS], types[EOS] = TOKEN_UNKNOWN, TOKEN_CONTROL, TOKEN_CONTROL
    return {
        "general.architecture": (STRING, "llama"),
        "general.type": (STRING, "model"),
        "general.name": (STRING, MODEL_NAME),
        "general.license": (STRING, "apache-2.0"),
        "general.description": (
            STRING,
            "Small model of the King James Bible (public domain), trained for lutsim "
            "by tools/train_embedded_model",
        ),
        "general.languages": (STRING, ["en"]),
        "general.file_type": (UINT32, FILE_TYPE_MOSTLY_F16),
        "llama.context_length": (UINT32, config.context),
        "llama.embedding_length": (UINT32, config.dim),
        "llama.block_count": (UINT32, config.layers),
        "llama.feed_forward_length": (UINT32, config.ffn),
        "llama.vocab_size": (UINT32, config.vocab),
        "llama.rope.dimension_count": (UINT32, config.head_dim),
        "llama.rope.freq_base": (FLOAT32, config.rope_base),
        "llama.attention.head_count": (UINT32, config.heads),
        "llama.attention.head_count_kv": (UINT32, config.kv_heads),
        "llama.attention.layer_norm_rms_epsilon": (FLOAT32, config.norm_eps),
        "tokenizer.ggml.model": (STRING, "llama"),
        "tokenizer.ggml.pre": (STRING, "default"),
        "tokenizer.ggml.tokens": (STRING, tokenizer.pieces),
        "tokenizer.ggml.scores": (FLOAT32, tokenizer.scores),
        "tokenizer.ggml.token_type": (INT32, types),
        "tokenizer.ggml.bos_token_id": (UINT32, BOS),
        "tokenizer.ggml.eos_token_id": (UINT32, EOS),
        "tokenizer.ggml.unknown_token_id": (UINT32, UNK),
        "tokenizer.ggml.add_bos_token": (BOOL, True),
        "tokenizer.ggml.add_eos_token": (BOOL, False),
        "tokenizer.ggml.add_space_prefix": (BOOL, True),
    }


def save(path, model, tokenizer):
    """Matrices rounded once to F16 (nearest, ties to even); norm weights stay F32."""
    tensors = {}
    for name, parameter in model.named_parameters():
        values = parameter.detach().numpy()
        tensors[_tensor_name(name)] = values.astype(np.float16) if values.ndim == 2 else values
    gguf.write(path, _metadata(model.config, tokenizer), tensors)


def load(path):
    """(Llama, Tokenizer) of an exported file: its F16 weights widened to fp32."""
    metadata, tensors = gguf.read(path)
    config = Config(
        dim=metadata["llama.embedding_length"],
        layers=metadata["llama.block_count"],
        heads=metadata["llama.attention.head_count"],
        kv_heads=metadata["llama.attention.head_count_kv"],
        ffn=metadata["llama.feed_forward_length"],
        vocab=metadata["llama.vocab_size"],
        context=metadata["llama.context_length"],
        rope_base=metadata["llama.rope.freq_base"],
        norm_eps=metadata["llama.attention.layer_norm_rms_epsilon"],
    )
    model = Llama(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(tensors[_tensor_name(name)].astype(np.float32)))
    pieces, scores = metadata["tokenizer.ggml.tokens"], metadata["tokenizer.ggml.scores"]
    return model, Tokenizer(pieces, scores)
