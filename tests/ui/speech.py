# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech in and out of rooms, and which of several sentences was heard."""
import glob
import os
import subprocess
import time
import wave

import numpy

RATE_HZ = 16000
FRAME = 160  # 10 ms
# Frames: a part of a sentence, and how far it may move.
PART, MOVE = 200, 60
LOUD = 300  # of 32768
# Narrowband speech: what passes every codec mode.
BANDS_HZ = (200, 400, 600, 850, 1150, 1500, 1950, 2500, 3300)


def folder():
    return os.environ.get("EARSHOT_SPEECH_FOLDER", "/usr/share/pocketsphinx/test/data/librivox")


def sentences():
    """Recorded sentences of one voice, 16 kHz."""
    found = sorted(glob.glob(os.path.join(folder(), "*.wav")))
    if len(found) < 3:
        raise SystemExit("recorded speech is missing: install pocketsphinx-testdata")
    return found


def load(path):
    with wave.open(path) as file:
        assert file.getframerate() == RATE_HZ and file.getnchannels() == 1
        return numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16).astype(float)


def seconds(path):
    with wave.open(path) as file:
        return file.getnframes() / file.getframerate()


class Recorder:
    """Records what a room hears, from now on."""
    def __init__(self, desk, source):
        self.path = os.path.join(desk.dir, f"heard-{time.monotonic_ns()}.raw")
        self.file = open(self.path, "wb")
        self.process = desk.spawn(["parec", f"--device={source}", f"--rate={RATE_HZ}", "--channels=1",
                                   "--format=s16le", "--latency-msec=200"],
                                  stdout=self.file, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait(5)
        self.file.close()
        samples = numpy.fromfile(self.path, numpy.int16).astype(float)
        os.unlink(self.path)
        return samples


def loud_part(samples):
    """From the first sound to the last."""
    loud = numpy.flatnonzero(numpy.abs(samples) > LOUD)
    return samples[loud[0]:loud[-1]] if len(loud) else samples[:0]


def bands(samples):
    """Log energy in bands every 10 ms, each band without its mean: what codecs keep of speech."""
    count = len(samples) // FRAME - 1
    if count < 1:
        return numpy.zeros((1, len(BANDS_HZ) - 1))
    frames = numpy.stack([samples[i * FRAME:i * FRAME + 2 * FRAME] for i in range(count)])
    power = numpy.abs(numpy.fft.rfft(frames * numpy.hanning(2 * FRAME))) ** 2
    hz = numpy.fft.rfftfreq(2 * FRAME, 1 / RATE_HZ)
    energy = numpy.stack([power[:, (hz >= low) & (hz < high)].sum(1)
                          for low, high in zip(BANDS_HZ, BANDS_HZ[1:])], 1)
    return numpy.log10(energy + 1e4)


def correlate(part, heard, begin, end):
    """The best correlation of a part with what was heard from begin to end, and where it lies."""
    part = part - part.mean(0)
    norm = numpy.sqrt((part * part).sum())
    best, best_at = 0.0, begin
    for at in range(max(begin, 0), min(end, len(heard) - len(part)) + 1, 2):
        other = heard[at:at + len(part)]
        other = other - other.mean(0)
        scale = numpy.sqrt((other * other).sum()) * norm
        value = (part * other).sum() / scale if scale > 0 else 0
        if value > best:
            best, best_at = value, at
    return best, best_at


def likeness(said, heard):
    """How well what was said is found in what was heard, 0 to 1. Its parts may move against each
    other as a jitter buffer moves them."""
    a, b = bands(said), bands(heard)
    whole, at = correlate(a, b, 0, len(b))
    parts = [(begin, a[begin:begin + PART]) for begin in range(0, len(a) - PART // 2, PART)]
    found = [correlate(part, b, at + begin - MOVE, at + begin + MOVE)[0] for begin, part in parts]
    return max(whole, sum(found) / len(found))


def recognise(heard, candidates=None):
    """The path of the sentence that was heard most likely, its likeness, and the next best's."""
    scores = sorted(((likeness(load(path), heard), path) for path in candidates or sentences()),
                    reverse=True)
    return scores[0][1], scores[0][0], scores[1][0]
