# SPDX-License-Identifier: GPL-3.0-or-later
"""A minute of real speech each way, from the Debian packages pocketsphinx-testdata and codec2-examples."""
import json
import pathlib

import numpy as np
import soundfile
from scipy.signal import resample_poly

FS = 16000
ACTIVE_DB = -26.0   # a talker at the microphone, ITU-T P.56
LEAD_S = 1.5        # until a call has settled
SPHINX = pathlib.Path('/usr/share/pocketsphinx/test/data')
CODEC2 = pathlib.Path('/usr/share/codec2')
LIBRIVOX = 'librivox/sense_and_sensibility_01_austen_64kb-'
# What each end says: 0 the clinic, 1 the psychiatrist. No recording is said by both.
SAID = (
    [SPHINX / f'{LIBRIVOX}{n}.wav' for n in ('0870', '0880', '0890', '0920', '0930')]
    + [CODEC2 / 'raw/speech_orig_16k.wav'],
    [SPHINX / f'cards/00{n}.wav' for n in (1, 2, 3, 4, 5)]
    + [CODEC2 / f'wav/{n}.wav' for n in ('vk5qi', 'mmt1', 'hts1a', 'hts2a', 'cross', 'big_dog', 'morig', 'forig')]
    + [CODEC2 / 'raw/kristoff.raw'],
)
# Pauses of talk between utterances, s; the same every time, so that two runs say the same.
PAUSE_S = ((.6, 1.1, .5, 1.6, .8), (.5, .9, 1.4, .7))


def load(path):
    if path.suffix == '.raw':
        x, fs = np.fromfile(path, '<i2') / 32768, 8000
    else:
        x, fs = soundfile.read(path)
    return resample_poly(x, FS // fs, 1) if fs != FS else x


def levelled(x):
    """At ACTIVE_DB while somebody speaks, and never clipped."""
    frames = x[:len(x) // 320 * 320].reshape(-1, 320)
    db = 10 * np.log10((frames ** 2).mean(1) + 1e-12)
    active = 10 * np.log10((10 ** (db[db > np.percentile(db, 95) - 26] / 10)).mean())
    x = x * 10 ** ((ACTIVE_DB - active) / 20)
    return x / max(1, np.abs(x).max())


def say(end, seconds):
    """Samples, and where each utterance begins and ends."""
    parts, segments, at = [np.zeros(int(LEAD_S * FS))], [], LEAD_S
    turn = 0
    while at < seconds:
        x = levelled(load(SAID[end][turn % len(SAID[end])]))
        rest = int((seconds - at) * FS)
        if rest < 2 * FS:
            break
        x = x[:rest]
        pause = np.zeros(int(PAUSE_S[end][turn % len(PAUSE_S[end])] * FS))
        segments.append({'start': round(at, 4), 'end': round(at + len(x) / FS, 4), 'speaker': '', 'words': None})
        parts += [x, pause]
        at += (len(x) + len(pause)) / FS
        turn += 1
    x = np.concatenate(parts)
    return np.pad(x, (0, max(0, int(seconds * FS) - len(x)))), segments


def write(folder, seconds):
    """said0.wav, said0.raw, said0.json and the same of end 1; returns the three names of each."""
    folder.mkdir(parents=True, exist_ok=True)
    for end in (0, 1):
        x, segments = say(end, seconds)
        pcm = np.clip(np.round(x * 32768), -32768, 32767).astype('<i2')
        pcm.tofile(folder / f'said{end}.raw')
        soundfile.write(folder / f'said{end}.wav', pcm, FS)
        (folder / f'said{end}.json').write_text(json.dumps({'duration': len(x) / FS, 'segments': segments}))
