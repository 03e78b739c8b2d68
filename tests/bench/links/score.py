#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a talker's speech was heard, when, and how well.

    score.py SAID.wav HEARD.wav [--said-t0 S] [--heard-t0 S] [--series]

Beside SAID.wav stands SAID.json: {"segments": [{"start": s, "end": s}, ...]}, its utterances. The t0s
are the clock's seconds at sample 0 of each. Prints `NAME: VALUE UNIT` lines:
  estoi      extended short-time objective intelligibility (Jensen and Taal 2016), mean of utterances,
             of the recording laid on the talker's time line
  delay      from mouth to ear, of windows of 0.75 s: median and 95th percentile
  dropouts   share of the speech, in steps of 10 ms, where nothing was heard
The delay is followed as the cheapest way through the correlation of mel spectra, window by window
and lag by lag, so that speech which is late, or played slower or faster, is found where it is.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import soundfile
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import resample_poly

FS = 16000
STEP = FS // 100            # 10 ms, the grain of spectra, lags and dropouts
LATEST_S = 8.0              # speech that comes later than this was not heard
MEL_BANDS, MEL_LOW, MEL_HIGH = 24, 120, 7000
MEL_WINDOW = 400            # 25 ms
RANGE_DB = 50               # below the loudest: what is softer says nothing
WINDOW, EVERY = 75, 25      # steps: windows of the delay
SPEECH_SHARE = .35          # of a window, below which it is a pause
# A way through the lags: unrelated speech correlates at .3 to .6 somewhere, so only more than that
# counts; a change by one step is drift, and a jump pays once and by its size.
UNRELATED = .5
DRIFT_COST, JUMP_COST, JUMP_COST_PER_STEP, JUMP_COST_MAX = .005, .05, .006, 1.5
MATCH = .6                  # correlation of a window that was found
FINE = 400                  # samples either side of a step, in which the waveform is matched
FINE_MATCH = .3
FADE = 80                   # samples, between pieces with another delay
HOLE_DB = 25                # this much softer than what was said: nothing was heard


def load(path):
    x, fs = soundfile.read(path, dtype='float64')
    if x.ndim > 1:
        x = x.mean(1)
    return x if fs == FS else resample_poly(x, FS, fs)


def level_db(x, step=STEP):
    x = x[:len(x) // step * step].reshape(-1, step)
    return 10 * np.log10((x ** 2).mean(1) + 1e-12)


def active_db(x):
    e = level_db(x, 2 * STEP)
    e = e[e > np.percentile(e, 95) - 26]
    return 10 * np.log10((10 ** (e / 10)).mean())


# ---- Delay ----

def mel_filters():
    def mel(hz):
        return 2595 * np.log10(1 + hz / 700)
    edges = np.linspace(mel(MEL_LOW), mel(MEL_HIGH), MEL_BANDS + 2)
    edges = 700 * (10 ** (edges / 2595) - 1)
    hz = np.fft.rfftfreq(512, 1 / FS)
    rise = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rise, fall))


def spectra(x):
    """Steps x bands, dB."""
    x = np.pad(x, (MEL_WINDOW // 2, MEL_WINDOW))
    frames = sliding_window_view(x, MEL_WINDOW)[::STEP]
    filters, window = mel_filters().T, np.hanning(MEL_WINDOW)
    blocks = [np.abs(rfft(frames[i:i + 1000] * window, 512)) ** 2 @ filters for i in range(0, len(frames), 1000)]
    db = 10 * np.log10(np.concatenate(blocks) + 1e-9)
    return np.maximum(db, np.percentile(db.max(1), 95) - RANGE_DB)


def correlations(said, heard, starts, lags):
    """Windows x lags; spectra as deviations from their mean."""
    floor = heard.min(0) - heard.mean(0)
    said, heard = said - said.mean(0), heard - heard.mean(0)
    before = max(0, -lags[0])
    after = max(0, len(said) + lags[-1] - len(heard)) + WINDOW
    heard = np.concatenate([np.tile(floor, (before, 1)), heard, np.tile(floor, (after, 1))])
    power = np.concatenate([[0], np.cumsum((heard ** 2).sum(1))])
    span = len(lags) + WINDOW - 1
    size = next_fast_len(span + WINDOW, True)
    out = np.empty((len(starts), len(lags)))
    for k, start in enumerate(starts):
        word = said[start:start + WINDOW]
        first = start + lags[0] + before
        place = rfft(heard[first:first + span], size, axis=0) * np.conj(rfft(word, size, axis=0))
        at = first + np.arange(len(lags))
        energy = np.maximum(power[at + WINDOW] - power[at], 1e-9) * (word ** 2).sum()
        out[k] = irfft(place.sum(1), size)[:len(lags)] / np.sqrt(energy + 1e-9)
    return out


def best_way(found):
    """Which lag each window has: Viterbi."""
    count = found.shape[1]
    jump = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    cost = np.where(jump > 1, JUMP_COST + np.minimum(jump * JUMP_COST_PER_STEP, JUMP_COST_MAX),
                    jump * DRIFT_COST)
    gain = np.clip((found - UNRELATED) / (1 - UNRELATED), 0, 1)
    total, came_from = gain[0], []
    for row in gain[1:]:
        ways = total - cost
        came_from.append(ways.argmax(1))
        total = ways.max(1) + row
    way = [int(total.argmax())]
    for back in reversed(came_from):
        way.append(int(back[way[-1]]))
    return way[::-1]


def refine(said, heard, start, lag):
    """Samples to add to a lag in steps, by the waveform; 0 where that does not match."""
    word = said[start * STEP:(start + WINDOW) * STEP]
    first = (start + lag) * STEP - FINE
    near = piece(heard, first, len(word) + 2 * FINE)
    size = next_fast_len(len(near), True)
    product = irfft(rfft(near, size) * np.conj(rfft(word, size)), size)[:2 * FINE + 1]
    power = np.concatenate([[0], np.cumsum(near ** 2)])
    energy = (power[len(word):] - power[:2 * FINE + 1]) * (word ** 2).sum()
    match = product / (np.sqrt(np.maximum(energy, 0)) + 1e-9)
    best = int(match.argmax())
    return best - FINE if match[best] > FINE_MATCH else 0


def piece(x, first, length):
    """x[first:first + length] with silence where x has nothing."""
    out = np.zeros(length)
    a, b = max(first, 0), min(first + length, len(x))
    if b > a:
        out[a - first:b - first] = x[a:b]
    return out


def supported(times, delays, match):
    """Windows that were found and have a neighbour which says the same."""
    near = np.abs(np.subtract.outer(times, times))
    same = np.abs(np.subtract.outer(delays, delays)) < .15 * np.maximum(near * 100 / EVERY, 1e-9)
    both = np.logical_and.outer(match > MATCH, match > MATCH)
    np.fill_diagonal(both, False)
    return (both & same & (near < 1.1 * 3 * EVERY / 100) & (near < 1.1)).any(1)


def follow(said, heard, offset_s):
    """Start of each window of speech, its delay within the recordings, s, and whether it was found."""
    loud = level_db(said) > active_db(said) - 22
    loud = np.convolve(loud, np.ones(9), 'same') > 0
    starts = np.array([s for s in range(0, len(loud) - 1, EVERY) if loud[s:s + WINDOW].sum() > SPEECH_SHARE * WINDOW
                       and s + WINDOW <= len(said) // STEP])
    lags = np.arange(int((-.05 - offset_s) * 100), int((LATEST_S - offset_s) * 100) + 1)
    found = correlations(spectra(said), spectra(heard), starts, lags)
    way = best_way(found)
    delays = [(lags[l] * STEP + refine(said, heard, s, int(lags[l]))) / FS for s, l in zip(starts, way)]
    times, delays = starts * STEP / FS, np.array(delays)
    return times, delays, supported(times, delays, found[np.arange(len(way)), way])


def lay(length, heard, times, delays):
    """The recording on the talker's time line: each 100 ms by the delay of the nearest window."""
    out = np.zeros(length + FS)
    middles = times + WINDOW / 200
    block = FS // 10
    ramp = np.linspace(0, 1, FADE)
    for first in range(0, length, block):
        away = np.abs(middles - first / FS)
        delay = delays[np.flatnonzero(away == away.min())[-1]]
        part = piece(heard, round(first + delay * FS), block + FADE)
        if first:
            part[:FADE] *= ramp
        part[block:] *= ramp[::-1]
        out[first:first + block + FADE] += part
    return out[:length]


# ---- ESTOI, Jensen and Taal, "An Algorithm for Predicting the Intelligibility of Speech Masked by
# Modulated Noise Maskers", 2016: 10 kHz, frames of 256 every 128, 15 thirds of an octave from 150 Hz,
# segments of 30 frames, normalised by rows and then columns. ----

ESTOI_FS, FRAME, HOP, SEGMENT = 10000, 256, 128, 30


def third_octaves():
    hz = np.linspace(0, ESTOI_FS / 2, 257)
    middle = 150 * 2 ** (np.arange(15) / 3)
    low = [np.abs(hz - m / 2 ** (1 / 6)).argmin() for m in middle]
    high = [np.abs(hz - m * 2 ** (1 / 6)).argmin() for m in middle]
    k = np.arange(257)
    return np.array([(k >= a) & (k < b) for a, b in zip(low, high)], float)


def framed(x):
    return sliding_window_view(x, FRAME)[::HOP] * np.hanning(FRAME + 2)[1:-1]


def joined(frames):
    out = np.zeros((len(frames) - 1) * HOP + FRAME)
    for i, frame in enumerate(frames):
        out[i * HOP:i * HOP + FRAME] += frame
    return out


def normal(x, axis):
    x = x - x.mean(axis, keepdims=True)
    return x / (np.linalg.norm(x, axis=axis, keepdims=True) + 1e-12)


def estoi(said, heard):
    said, heard = framed(resample_poly(said, 5, 8)), framed(resample_poly(heard, 5, 8))
    energy = np.linalg.norm(said, axis=1)
    speech = energy > energy.max() / 100                # 40 dB
    bands = []
    for x in (said, heard):
        power = np.abs(rfft(framed(joined(x[speech])), 512)) ** 2
        x = np.sqrt(power @ third_octaves().T)
        segments = sliding_window_view(x, SEGMENT, axis=0)   # place x band x time
        bands.append(normal(normal(segments, 2), 1))
    return float((bands[0] * bands[1]).sum((1, 2)).mean() / SEGMENT)


# ---- All of it ----

def holes(said, heard):
    """Where speech was and nothing is heard; 10 ms either way are forgiven."""
    a, b = level_db(said), level_db(heard)
    b = np.maximum(b, np.maximum(np.roll(b, 1), np.roll(b, -1)))
    speech = a > active_db(said) - 15
    return speech & (b - (active_db(heard) - active_db(said)) < a - HOLE_DB), speech


def score(said, heard, segments, said_t0=None, heard_t0=None):
    """Arrays at FS. Returns a dict; delays in ms, absolute where both t0 are given."""
    offset = heard_t0 - said_t0 if said_t0 is not None and heard_t0 is not None else 0.0
    if len(heard) < FS or active_db(heard) < -65:
        return {'estoi': 0.0, 'dropouts': 1.0, 'found': 0.0, 'delays': [], 'utterances': [0.0] * len(segments)}
    times, delays, good = follow(said, heard, offset)
    if not good.any():
        good[:] = True
    laid = lay(len(said), heard, times[good], delays[good])
    gone, speech = holes(said, laid)
    parts = [(int(s['start'] * FS), min(int(s['end'] * FS), len(said))) for s in segments]
    each = [estoi(said[a:b], laid[a:b]) for a, b in parts]
    late = 1e3 * (delays[good] + offset)
    return {'estoi': float(np.mean(each)), 'utterances': each, 'dropouts': float(gone.sum() / max(speech.sum(), 1)),
            'delay_median_ms': float(np.median(late)), 'delay_p95_ms': float(np.percentile(late, 95)),
            'found': float(good.mean()), 'delays': list(zip(times[good].tolist(), late.tolist()))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('said', type=pathlib.Path)
    parser.add_argument('heard', type=pathlib.Path)
    parser.add_argument('--said-t0', type=float)
    parser.add_argument('--heard-t0', type=float)
    parser.add_argument('--series', action='store_true', help='the delay of every window as well')
    a = parser.parse_args()
    try:
        segments = json.loads(a.said.with_suffix('.json').read_text())['segments']
        result = score(load(a.said), load(a.heard), segments, a.said_t0, a.heard_t0)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        sys.exit(f'score: {error}')
    print(f'estoi: {result["estoi"]:.3f}')
    print(f'dropouts: {100 * result["dropouts"]:.1f} %')
    if result['delays']:
        print(f'delay, median: {result["delay_median_ms"]:.0f} ms')
        print(f'delay, 95th percentile: {result["delay_p95_ms"]:.0f} ms')
    for time, delay in result['delays'] if a.series else ():
        print(f'delay at {time:.2f} s: {delay:.0f} ms')


if __name__ == '__main__':
    main()
