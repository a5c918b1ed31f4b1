"""Whole words that become other words: a table with the graph's nodes that apply it.

Rules over pairs of neighbours cannot tell "of a", which espeak-ng joins, from the end
of "nova". So the last step compares each word with each of a table.
"""

from pathlib import Path

import numpy as np

from graph import INT32, INT64, i64


def read(name):
    """The words of a table beside this file: {before: after}."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    fields = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {before: after for before, after, *_ in fields}


class Words:
    def __init__(self, words, numbers, ends, drop):
        """`words` as `read` gives them, `numbers` of their symbols, `ends` that part
        words, `drop` for no symbol."""
        self.ends, self.drop = {numbers[s] for s in ends}, drop
        self.words = {
            tuple(numbers[s] for s in before): tuple(numbers[s] for s in after)
            for before, after in words.items()
        }
        for before, after in self.words.items():
            assert not self.ends & set(before), "one word at a time"
            assert len(after) <= 2 * len(before), "a symbol becomes two at most"

    def rewrite(self, line):
        """Replaces the words of a list of symbols that begins and ends with an end."""
        made, word = [], []
        for symbol in line:
            if symbol in self.ends:
                made += [*self.words.get(tuple(word), word), symbol]
                word = []
            else:
                word.append(symbol)
        return made

    def tables(self):
        """Of every word its symbols, then 0s [words, width], and what each symbol
        becomes, up to two [words, width, 2]."""
        width = 1 + max(map(len, self.words))
        before = np.zeros((len(self.words), width), np.uint8)
        after = np.full((len(self.words), width, 2), self.drop, np.uint8)
        for row, (word, to) in enumerate(self.words.items()):
            before[row, : len(word)] = word
            after[row].reshape(-1)[: len(to)] = to
        return before, after

    def draw(self, graph, line):
        """Writes nodes: a line of symbols [n] to a table of up to two for each [n, 2]."""
        g = graph
        before, after = self.tables()
        count, width = before.shape
        inside = np.arange(256)
        inside[list(self.ends)] = 0
        inside = g.Gather(g.constant(inside.astype(np.uint8)), line)
        inside = g.cast(inside, INT64)
        # Words begin behind an end, at a symbol that is none.
        behind = g.Concat(i64(1), g.slice(inside, 0, 0, -1), axis=0)
        begins = g.And(g.Equal(behind, np.int64(0)), g.Greater(inside, np.int64(0)))
        begins = g.Reshape(g.NonZero(begins), i64(-1, 1))
        places = g.Add(begins, i64(*range(width)))
        # A word, then 0s, whatever follows it.
        inside = g.Pad(inside, i64(0, width))
        symbols = g.Gather(inside, places)
        ended = g.CumSum(g.cast(g.Equal(symbols, np.int64(0)), INT64), np.int64(1))
        symbols = g.Mul(symbols, g.cast(g.Equal(ended, np.int64(0)), INT64))
        same = g.Equal(g.Unsqueeze(symbols, i64(1)), g.cast(g.constant(before), INT64))
        same = g.ReduceMin(g.cast(same, INT32), axes=[2], keepdims=0)
        row = g.ArgMax(same, axis=1, keepdims=0)
        known = g.ReduceMax(same, axes=[1], keepdims=1)
        changed = g.Greater(g.Mul(symbols, g.cast(known, INT64)), np.int64(0))
        changed = g.Reshape(changed, i64(-1))
        places = g.Compress(g.Reshape(places, i64(-1)), changed)
        to = g.cast(g.Gather(g.constant(after), row), INT64)
        to = g.Compress(g.Reshape(to, i64(-1, 2)), changed, axis=0)
        single = g.Unsqueeze(line, i64(1))
        stays = g.Pad(single, i64(0, 0, 0, 1), np.int64(self.drop))
        return g.ScatterND(stays, g.Unsqueeze(places, i64(1)), to)
