# SPDX-License-Identifier: Apache-2.0
"""Byte-pair vocabulary with the semantics of llama.cpp's "llama" (SPM) tokenizer.

Ids: 0 <unk>, 1 <s> (BOS), 2 </s> (EOS), 3..258 the bytes <0x00>..<0xFF>, then the
merged pieces in the order they were learned (score = -rank), then single
characters. A space is written U+2581, and a text gets one in front.
"""

import re
from collections import Counter, defaultdict

UNK, BOS, EOS, FIRST_BYTE = 0, 1, 2, 3
SPACE = "\u2581"
SPECIAL_PIECES = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]

# Merges never cross a word boundary, nor mix letters with punctuation.
_CHUNK = re.compile(f"{SPACE}?(?:[A-Za-z]+|[^A-Za-z{SPACE}]+)|{SPACE}")
_WORD = re.compile(f"{SPACE}*[^{SPACE}]+|{SPACE}+")


def _escape(text):
    return SPACE + text.replace(" ", SPACE) if text else ""


class Tokenizer:
    """Pieces and their scores, both indexed by token id."""

    def __init__(self, pieces, scores):
        self.pieces, self.scores = list(pieces), list(scores)
        self.ids = {piece: i for i, piece in enumerate(self.pieces) if i >= len(SPECIAL_PIECES)}
        # A word may be encoded by itself only if no piece reaches across a boundary.
        assert all(SPACE not in piece.lstrip(SPACE) for piece in self.ids)
        self._words = {}

    def encode(self, text):
        """Token ids of `text`, without BOS."""
        ids = []
        for word in _WORD.findall(_escape(text)):
            if word not in self._words:
                self._words[word] = self._encode_word(word)
            ids += self._words[word]
        return ids

    def _encode_word(self, word):
        """Merge the adjacent pair of the highest score, leftmost first, until none is left."""
        symbols = list(word)
        while True:
            best, best_score = None, float("-inf")
            for i in range(len(symbols) - 1):
                token = self.ids.get(symbols[i] + symbols[i + 1])
                if token is not None and self.scores[token] > best_score:
                    best, best_score = i, self.scores[token]
            if best is None:
                break
            symbols[best : best + 2] = [symbols[best] + symbols[best + 1]]
        ids = []
        for symbol in symbols:
            if symbol in self.ids:
                ids.append(self.ids[symbol])
            else:  # a character outside the vocabulary: its UTF-8 bytes
                ids += [FIRST_BYTE + byte for byte in symbol.encode()]
        return ids

    def decode(self, ids):
        """Text of `ids`, less the space that encoding put in front; BOS and EOS print nothing."""
        data = bytearray()
        for token in ids:
            if FIRST_BYTE <= token < len(SPECIAL_PIECES):
                data.append(token - FIRST_BYTE)
            elif token >= len(SPECIAL_PIECES):
                data += self.pieces[token].replace(SPACE, " ").encode()
        return data.decode(errors="replace").removeprefix(" ")


def train(texts, vocab_size):
    """Learn a `vocab_size`-piece Tokenizer from `texts` by byte-pair merging."""
    counts = Counter(chunk for text in texts for chunk in _CHUNK.findall(_escape(text)))
    words = [list(chunk) for chunk in counts]
    weights = list(counts.values())
    characters = sorted({c for chunk in counts for c in chunk})
    merges = _learn_merges(words, weights, vocab_size - len(SPECIAL_PIECES) - len(characters))
    pieces = SPECIAL_PIECES + merges + characters
    scores = [0.0] * len(SPECIAL_PIECES)
    scores += [-float(rank) for rank in range(len(merges) + len(characters))]
    return Tokenizer(pieces, scores)


def _learn_merges(words, weights, count):
    """The `count` pieces of the most frequent adjacent pairs; rewrites `words`."""
    frequency = Counter()
    where = defaultdict(set)  # pair -> indices of the words that hold it

    def add(index, sign):
        for pair in zip(words[index], words[index][1:]):
            frequency[pair] += sign * weights[index]
            where[pair].add(index)

    for index in range(len(words)):
        add(index, 1)
    merges = {}  # an ordered set: two pairs may spell the same piece
    while len(merges) < count:
        left, right = max(frequency, key=lambda pair: (frequency[pair], pair))
        merges[left + right] = None
        for index in where.pop((left, right)):
            add(index, -1)
            words[index] = _merge(words[index], left, right)
            add(index, 1)
        del frequency[left, right]
    return list(merges)


def _merge(symbols, left, right):
    merged, i = [], 0
    while i < len(symbols):
        if symbols[i] == left and symbols[i + 1 : i + 2] == [right]:
            merged.append(left + right)
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return merged
