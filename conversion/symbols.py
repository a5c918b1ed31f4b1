"""espeak-ng's phonemes as Piper numbers them, to the symbols that Kokoro's voices read.

Kokoro's are misaki's: a letter for a diphthong or an affricate, no length marks, a flap
is T. Most is one to one. The rest depends on a neighbour and is done by passes over the
sentence: each looks every pair of neighbours up in a table, so the graph needs no loop.
What a pass finds out for the next one it leaves as a *note*, a symbol of its own with
an apostrophe. `Symbols.rewrite` does in Python what `Symbols.draw` has the graph do.
"""

import numpy as np

from graph import INT64, i64
from phonemes import DROP, ENDS, OWN, OWN_FROM, PIPER, START
from words import Words, read


class Symbols:
    def __init__(self, vocabulary, accent):
        """`vocabulary` numbers Kokoro's symbols, `accent` is a module: `american`, `british`."""
        self.accent = accent
        self.numbers = {START: 0, **vocabulary}
        self.config = {s: [n] for n, s in enumerate(PIPER)}
        self.config.update({s: [OWN_FROM + n] for n, s in enumerate(OWN)})
        self.rows = OWN_FROM + len(OWN)
        self.passes = accent.passes()
        texts = [*accent.SAME, *"".join(accent.ALWAYS.values())]
        for _, rules in self.passes:
            texts += [s for pair, to in rules.items() for s in (*pair, *to) if s != "any"]
        free = iter(sorted(set(range(1, DROP)) - set(self.numbers.values()), reverse=True))
        for symbol in dict.fromkeys(texts):
            if symbol not in self.numbers:
                self.numbers[symbol] = next(free)
        self.words = Words(read(accent.WORDS), self.numbers, ENDS, DROP)

    def plain(self):
        """Of every Piper number, up to two symbols: [rows, 2]."""
        table = np.full((self.rows, 2), DROP, np.uint8)
        for symbol, (number,) in self.config.items():
            to = self.accent.ALWAYS.get(symbol, symbol if symbol in self.accent.SAME else "")
            table[number, : len(to)] = [self.numbers[s] for s in to]
        return table

    def changes(self, side, rules):
        """What differs from "stays as it is": pairs of symbols [n, 2] and what becomes of them [n, 2]."""
        every = sorted(set(self.numbers.values()))
        made = {}
        for (first, second), to in rules.items():  # later rules win
            firsts = every if first == "any" else [self.numbers[first]]
            seconds = every if second == "any" else [self.numbers[second]]
            to = [self.numbers[s] for s in to] + [DROP] * (2 - len(to))
            made.update({(a, b): to for a in firsts for b in seconds})
        return np.array(list(made), np.int64), np.array(list(made.values()), np.uint8)

    def rewrite(self, ids):
        """Piper's numbers to Kokoro's, both as lists."""
        plain = self.plain()
        line = [0, *(int(s) for n in ids for s in plain[n] if s != DROP), 0]
        for side, rules in self.passes:
            table = {tuple(a): b for a, b in zip(*(x.tolist() for x in self.changes(side, rules)))}
            before, after = [0, *line[:-1]], [*line[1:], 0]
            pairs = zip(before, line) if side == "left" else zip(line, after)
            made = [table.get(pair, [symbol, DROP]) for pair, symbol in zip(pairs, line)]
            line = [s for pair in made for s in pair if s != DROP]
        return self.words.rewrite(line)

    def draw(self, graph, ids):
        """Writes nodes: Piper's numbers [1, places] to Kokoro's [1, symbols], and which
        place each symbol comes from [symbols]."""
        g = graph
        line = g.cast(g.Gather(g.constant(self.plain()), ids), INT64)
        end = g.Shape(ids, start=1)
        places = g.Range(np.int64(0), g.Squeeze(end), np.int64(1))
        line, places = self.kept(g, line, places)
        line = g.Concat(i64(0), line, i64(0), axis=0)
        last = g.Max(g.Sub(end, i64(1)), i64(0))
        places = g.Concat(i64(0), places, last, axis=0)
        size = DROP + 1
        every = np.arange(size, dtype=np.uint8)
        for side, rules in self.passes:
            along = every[None, :, None] if side == "left" else every[:, None, None]
            stays = g.Expand(along, i64(size, size, 1))
            stays = g.Concat(stays, g.Expand(np.uint8(DROP), i64(size, size, 1)), axis=2)
            table = g.ScatterND(stays, *self.changes(side, rules))
            table = g.Reshape(table, i64(size * size, 2))
            if side == "left":
                first, second = g.Concat(i64(0), g.slice(line, 0, 0, -1), axis=0), line
            else:
                first, second = line, g.Concat(g.slice(line, 0, 1), i64(0), axis=0)
            pair = g.Add(g.Mul(first, np.int64(size)), second)
            line, places = self.kept(g, g.cast(g.Gather(table, pair), INT64), places)
        line, places = self.kept(g, self.words.draw(g, line), places)
        return g.Unsqueeze(line, i64(0)), places

    @staticmethod
    def kept(graph, line, places):
        """What is a symbol of up to two for each place, and the places of that."""
        line = graph.Reshape(line, i64(-1))
        places = graph.Unsqueeze(places, i64(1))
        places = graph.Reshape(graph.Concat(places, places, axis=1), i64(-1))
        is_symbol = graph.Less(line, np.int64(DROP))
        return graph.Compress(line, is_symbol), graph.Compress(places, is_symbol)
