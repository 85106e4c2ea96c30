// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "workloads/checkpoint/tokenizer.h"

namespace lutsim::workloads {

/// The tokenizer of a Hugging Face folder with `vocab` rows of embeddings: tokenizer.model
/// (SentencePiece BPE), else tokenizer.json (the same as merges with byte fallback), else a
/// llama2.c tokenizer, tok<vocab>.bin or tokenizer.bin. Rows without a piece get an empty one.
/// Throws config::InputError when there is none or it is of another kind (byte-level BPE of Llama
/// 3, unigram).
Tokenizer read_llama_tokenizer(const std::filesystem::path& folder, std::uint32_t vocab);

/// SentencePiece writes a space as U+2581.
std::string with_plain_spaces(const std::string& piece);

}  // namespace lutsim::workloads
