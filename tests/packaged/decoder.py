#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the system's libopus decodes the same packets otherwise at the decoder's complexity that
Earshot asks for than at 0: from 1.5 on it must, as its networks then repair wideband speech."""
import array
import ctypes
import glob
import sys
import wave

RATE_HZ, FRAME = 16000, 960  # 60 ms
VOIP, SET_BITRATE, SET_BANDWIDTH, SET_COMPLEXITY, WIDEBAND = 2048, 4002, 4008, 4010, 1103
# Of Earshot's calls.
BITRATE, COMPLEXITY = 9000, 7

opus = ctypes.CDLL("libopus.so.0")
opus.opus_get_version_string.restype = ctypes.c_char_p
for name in ("opus_encoder_create", "opus_decoder_create"):
    getattr(opus, name).restype = ctypes.c_void_p


def set_up(function, coder, request, value):
    return getattr(opus, function)(ctypes.c_void_p(coder), request, ctypes.c_int(value))


def packets():
    error = ctypes.c_int()
    encoder = opus.opus_encoder_create(RATE_HZ, 1, VOIP, ctypes.byref(error))
    set_up("opus_encoder_ctl", encoder, SET_BITRATE, BITRATE)
    set_up("opus_encoder_ctl", encoder, SET_BANDWIDTH, WIDEBAND)
    with wave.open(sorted(glob.glob("/usr/share/pocketsphinx/test/data/librivox/*.wav"))[0]) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
    for at in range(0, len(samples) - FRAME, FRAME):
        pcm = (ctypes.c_int16 * FRAME)(*samples[at:at + FRAME])
        packet = ctypes.create_string_buffer(400)
        size = opus.opus_encode(ctypes.c_void_p(encoder), pcm, FRAME, packet, 400)
        yield packet.raw[:size]


def decode(stream, complexity):
    error = ctypes.c_int()
    decoder = opus.opus_decoder_create(RATE_HZ, 1, ctypes.byref(error))
    set_up("opus_decoder_ctl", decoder, SET_COMPLEXITY, complexity)
    pcm, out = (ctypes.c_int16 * FRAME)(), b""
    for packet in stream:
        opus.opus_decode(ctypes.c_void_p(decoder), packet, len(packet), pcm, FRAME, 0)
        out += bytes(pcm)
    return out


def main():
    version = opus.opus_get_version_string().decode()
    stream = list(packets())
    differs = decode(stream, 0) != decode(stream, COMPLEXITY)
    new = tuple(map(int, version.split()[1].split("-")[0].split(".")[:2])) >= (1, 5)
    print(f"{version}: complexity {COMPLEXITY} decodes {'otherwise than' if differs else 'as'} 0", flush=True)
    return 0 if differs == new else 1


sys.exit(main())
