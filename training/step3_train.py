"""Step 3: trains the student on the features, for a fixed time.

The built-in voice had 50 minutes at 2e-3, then 12 minutes at 4e-4 with
--init and --era. Writes a checkpoint every five minutes and at the end; what
is saved is the moving average of the weights, which sounds better than the last.
"""

import argparse
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from student import (
    CEPSTRA,
    NOISE_LIMIT,
    OUTPUTS,
    PITCH,
    POSITION_FEATURES,
    VOICING,
    Student,
    position_features,
)

# Ids of the default Piper map: ɔ ː ɹ o ʲ.
OPEN_O, LONG, R, O, GLIDE = 54, 122, 88, 27, 119
ERA_SHARE = 0.7
FIRST_EVALUATION, EVALUATION_INTERVAL = 120, 300  # seconds
MCD_UNIT = 6.142  # 10 sqrt(2) / ln 10: cepstral distance in dB


class Utterances:
    """The features of step 2, in batches of utterances of like length."""

    def __init__(self, folder, era=False):
        self.era = era
        self.ids = np.load(folder / "ids.npy").astype(np.int64)
        self.durations = np.load(folder / "durations.npy").astype(np.int64)
        self.frames = np.load(folder / "frames.npy", mmap_mode="r")
        self.id_counts = np.load(folder / "id_counts.npy")
        self.frame_counts = np.load(folder / "frame_counts.npy")
        self.id_starts = np.concatenate([[0], np.cumsum(self.id_counts)])
        self.frame_starts = np.concatenate([[0], np.cumsum(self.frame_counts)])

    def __len__(self):
        return len(self.frame_counts)

    def batches(self, most_frames):
        """Indices of utterances, with a limit of padded frames per batch, in random order."""
        # A little noise on the lengths mixes the batches from epoch to epoch.
        order = np.argsort(self.frame_counts + np.random.rand(len(self)) * 60)
        batches, batch = [], []
        for i in order:
            if batch and (len(batch) + 1) * self.frame_counts[i] > most_frames:
                batches.append(batch)
                batch = []
            batch.append(i)
        if batch:
            batches.append(batch)
        random.shuffle(batches)
        return batches

    def symbols(self, i):
        """Ids and durations of one utterance, sometimes with the phonemes of an older espeak-ng."""
        where = slice(self.id_starts[i], self.id_starts[i + 1])
        ids, durations = self.ids[where].copy(), self.durations[where]
        if self.era and random.random() < ERA_SHARE:
            # No glides, and oːɹ where newer ones say ɔːɹ.
            before_r = (ids[:-2] == OPEN_O) & (ids[1:-1] == LONG) & (ids[2:] == R)
            ids[np.where(before_r)[0]] = O
            kept = ~((ids == GLIDE) & (durations == 0))
            ids, durations = ids[kept], durations[kept]
        return ids, durations

    def batch(self, numbers):
        """Padded tensors of a batch; see Batch."""
        count = len(numbers)
        most_ids = max(self.id_counts[i] for i in numbers)
        most_frames = max(self.frame_counts[i] for i in numbers)
        most_frames += most_frames % 2  # the decoder works on pairs
        ids = np.zeros((count, most_ids), np.int64)
        durations = np.zeros((count, most_ids), np.int64)
        frames = np.zeros((count, most_frames, OUTPUTS), np.float32)
        owners = np.zeros((count, most_frames), np.int64)
        places = np.zeros((count, most_frames), np.float32)
        lengths = np.ones((count, most_frames), np.float32)
        id_counts, frame_counts = np.zeros(count, np.int64), np.zeros(count, np.int64)
        for row, i in enumerate(numbers):
            own_ids, own_durations = self.symbols(i)
            id_counts[row] = n = len(own_durations)
            ids[row, :n], durations[row, :n] = own_ids, own_durations
            own_frames = self.frames[self.frame_starts[i] : self.frame_starts[i + 1]]
            frame_counts[row] = t = len(own_frames)
            frames[row, :t] = own_frames
            owner = np.repeat(np.arange(n), own_durations)
            owners[row, :t], owners[row, t:] = owner, owner[-1]
            starts = np.cumsum(own_durations) - own_durations
            places[row, :t] = np.arange(t) - starts[owner]
            lengths[row, :t] = own_durations[owner]
            if t < most_frames:  # the padding repeats the last frame
                last = own_durations[owner[-1]]
                frames[row, t:], lengths[row, t:] = own_frames[-1], last
                places[row, t:] = last - 1
        return Batch(ids, durations, frames, owners, places, lengths, id_counts, frame_counts)


class Batch:
    """ids, durations [B,L]; frames [B,T,48]; owners [B,T]; masks [B,L] and [B,T]."""

    def __init__(self, ids, durations, frames, owners, places, lengths, id_counts, frame_counts):
        self.ids = torch.from_numpy(ids)
        self.durations = torch.from_numpy(durations).float()
        self.frames = torch.from_numpy(frames)
        self.owners = torch.from_numpy(owners)
        self.positions = position_features(torch.from_numpy(places), torch.from_numpy(lengths))
        self.id_mask = mask(ids.shape[1], id_counts)
        self.frame_mask = mask(frames.shape[1], frame_counts)


def mask(length, counts):
    return torch.from_numpy(np.arange(length)[None] < counts[:, None]).float()


def predict(net, batch, half_precision):
    """Log durations [B,L] and normalised frames [B,T,48], on the teacher's durations."""
    count, length = batch.owners.shape
    id_mask, pair_mask = batch.id_mask[:, None], batch.frame_mask[:, None, ::2]
    positions = batch.positions.reshape(count, length // 2, 2 * POSITION_FEATURES)
    with torch.autocast("cpu", torch.bfloat16, enabled=half_precision):
        hidden = net.encode(batch.ids, id_mask)
        log_durations = net.log_durations(hidden, id_mask).float()
        even, odd = net.project(hidden, batch.durations)
        owners = batch.owners[:, ::2], batch.owners[:, 1::2]
        x = net.decode(even, odd, *owners, positions, pair_mask)
    frames = net.output(x.float()).transpose(1, 2).reshape(count, length, OUTPUTS)
    return log_durations, frames


def losses(net, batch, log_durations, frames):
    """The sum to minimise, and its parts as numbers."""
    target = (batch.frames - net.mean) / net.std
    weight, total = batch.frame_mask[..., None], batch.frame_mask.sum()
    error = frames[..., :CEPSTRA] - target[..., :CEPSTRA]
    absolute = (error.abs() * weight).sum() / total / CEPSTRA
    # The same error as a cepstral distance, where the energy counts half.
    natural = error * net.std[:CEPSTRA]
    squares = (natural[..., 1:] ** 2).sum(-1) + 0.5 * natural[..., 0] ** 2
    cepstral = (torch.sqrt(squares + 1e-4) * batch.frame_mask).sum() / total
    # Errors that change from frame to frame are more audible.
    steps = error[:, 1:] - error[:, :-1]
    delta = (steps.abs() * weight[:, 1:]).sum() / total / CEPSTRA

    voiced = batch.frames[..., VOICING]
    pitch_weight = (0.1 + 0.9 * voiced) * batch.frame_mask
    off_pitch = (frames[..., PITCH] - target[..., PITCH]).abs() * pitch_weight
    pitch = off_pitch.sum() / pitch_weight.sum()
    entropy = F.binary_cross_entropy_with_logits(frames[..., VOICING], voiced, reduction="none")
    voicing = (entropy * batch.frame_mask).sum() / total
    off_limit = (frames[..., NOISE_LIMIT] - target[..., NOISE_LIMIT]).abs()
    limit = (off_limit * batch.frame_mask).sum() / total
    off_duration = (log_durations - torch.log1p(batch.durations)).abs() * batch.id_mask
    duration = off_duration.sum() / batch.id_mask.sum()

    loss = (
        absolute + 0.7 * cepstral + 0.5 * delta + 0.7 * pitch + 0.5 * voicing
        + 0.15 * limit + 1.5 * duration
    )  # fmt: skip
    parts = dict(
        l1=absolute.item(), mcd=cepstral.item() * MCD_UNIT, delta=delta.item(),
        pitch=pitch.item(), voicing=voicing.item(), limit=limit.item(), duration=duration.item(),
    )  # fmt: skip
    return loss, parts


def evaluate(net, held, most_frames):
    """Losses on held-out utterances, and the remaining variance of the teacher."""
    net.eval()
    means, variances = {}, []
    with torch.no_grad():
        for numbers in held.batches(most_frames):
            batch = held.batch(numbers)
            log_durations, frames = predict(net, batch, half_precision=False)
            _, parts = losses(net, batch, log_durations, frames)
            for name, value in parts.items():
                means[name] = means.get(name, 0) + value * len(numbers) / len(held)
            natural = frames * net.std + net.mean
            for row in range(len(numbers)):
                n = int(batch.frame_mask[row].sum())
                own = natural[row, :n, : PITCH + 1].var(0)
                variances.append((own / (batch.frames[row, :n, : PITCH + 1].var(0) + 1e-6)).numpy())
    ratio = np.median(np.array(variances), 0)
    means["variance_low"] = float(ratio[1:13].mean())
    means["variance_high"] = float(ratio[13:CEPSTRA].mean())
    means["variance_pitch"] = float(ratio[PITCH])
    net.train()
    return means


class Trainer:
    def __init__(self, net, options):
        self.net, self.options = net, options
        self.average = {name: value.clone() for name, value in net.state_dict().items()}
        self.optimizer = torch.optim.AdamW(
            net.parameters(), lr=options.lr, betas=(0.9, 0.98), weight_decay=0.01
        )
        self.step, self.started = 0, time.time()
        self.recent = {}

    def progress(self):
        return (time.time() - self.started) / (self.options.minutes * 60)

    def train(self, data, held):
        next_evaluation = FIRST_EVALUATION
        while True:
            for numbers in data.batches(self.options.frames):
                progress = self.progress()
                if progress >= 1:
                    return
                self.learn(data.batch(numbers), progress)
                if self.step % 100 == 0:
                    print(f"step {self.step}, {progress:.0%}:", rounded(self.recent), flush=True)
                if time.time() - self.started > next_evaluation:
                    next_evaluation += EVALUATION_INTERVAL
                    self.save(held)

    def learn(self, batch, progress):
        """One step: warm-up, then a cosine down to a hundredth of the rate."""
        cosine = 0.5 * (1 + math.cos(math.pi * progress)) * 0.99 + 0.01
        rate = self.options.lr * min(1, (self.step + 1) / 200) * cosine
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        half_precision = progress < self.options.bf16_until
        loss, parts = losses(self.net, batch, *predict(self.net, batch, half_precision))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimizer.step()
        self.step += 1
        self.follow()
        for name, value in parts.items():
            self.recent[name] = self.recent.get(name, value) * 0.98 + value * 0.02

    @torch.no_grad()
    def follow(self):
        """Moves the average towards the weights, faster at the start."""
        keep = min(0.999, (1 + self.step) / (10 + self.step))
        for name, value in self.net.state_dict().items():
            if value.is_floating_point():
                self.average[name].lerp_(value, 1 - keep)

    def save(self, held):
        """Evaluates and writes the average, and continues from the weights."""
        current = {name: value.clone() for name, value in self.net.state_dict().items()}
        self.net.load_state_dict(self.average)
        print("held back:", rounded(evaluate(self.net, held, self.options.frames)), flush=True)
        checkpoint = dict(model=self.net.state_dict(), shape=self.net.shape, step=self.step)
        torch.save(checkpoint, self.options.out)
        self.net.load_state_dict(current)


def rounded(parts):
    return {name: round(value, 3) for name, value in parts.items()}


def normalise(net, data):
    """Takes mean and deviation from one frame in 37; voicing stays as it is."""
    sample = np.asarray(data.frames[::37]).astype(np.float32)
    net.mean.copy_(torch.tensor(sample.mean(0)))
    net.std.copy_(torch.tensor(sample.std(0) + 1e-3))
    net.mean[VOICING], net.std[VOICING] = 0, 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="features to train on")
    parser.add_argument("--held", type=Path, required=True, help="features held back")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write")
    parser.add_argument("--init", type=Path, help="checkpoint to start from")
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--frames", type=int, default=9600, help="frames in a batch, with padding")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--bf16-until", type=float, default=0.75,
        help="share of the time in bfloat16; 0 where that is slower, as in Debian 12's torch",
    )  # fmt: skip
    parser.add_argument(
        "--era", action="store_true", help="vary the symbols as espeak-ng 1.51 and 1.52 do"
    )
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)

    data, held = Utterances(options.data, options.era), Utterances(options.held)
    net = Student()
    if options.init:
        net.load_state_dict(torch.load(options.init)["model"])
    else:
        normalise(net, data)
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {len(data)} utterances")
    trainer = Trainer(net, options)
    trainer.train(data, held)
    trainer.save(held)


if __name__ == "__main__":
    main()
