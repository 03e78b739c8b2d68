/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wav as a sound card: a microphone that speaks a recording, a loudspeaker that writes one. */
#ifndef EAR_WAVFILE_H
#define EAR_WAVFILE_H

#include "base/clock.h"
#include "base/sound.h"

/* Reads 8, 16, 24, 32 bit PCM and 32 bit float, any rate from 4 to 192 kHz, any channels (mixed
 * to mono), header sizes that promise more than the file holds (recordings cut off), and headerless
 * .raw as 16 bit mono 16 kHz (8 kHz where the name says so is not guessed). The file is read ahead
 * by ear_wav_mic_pump, so that the media thread never touches the disk. */
struct ear_wav_mic;

/* Frame k is handed over when the clock has passed start + (k+1) * 10 ms; start is set by the first
 * read. After the recording's end there is silence, or it begins anew where loop is set.
 * On failure error holds one sentence for a person. Returns 0, -ENOENT, -EINVAL, -ENOMEM, -EIO. */
EAR_CHECK int ear_wav_mic_open(struct ear_wav_mic **ret, const char *path, bool loop, char *error,
                               size_t error_bytes);
void ear_wav_mic_close(struct ear_wav_mic *mic);
/* Reads ahead (about 2 s). thread: worker, about ten times a second; or the simulation's. */
void ear_wav_mic_pump(struct ear_wav_mic *mic);
struct ear_mic *ear_wav_mic_mic(struct ear_wav_mic *mic);
/* Time of the recording's sample 0 on the engine's clock; INT64_MIN before the first read. */
int64_t ear_wav_mic_start_us(const struct ear_wav_mic *mic);
/* Length of the recording; the whole recording has been handed over. */
int64_t ear_wav_mic_length_us(const struct ear_wav_mic *mic);
bool ear_wav_mic_ended(const struct ear_wav_mic *mic);
/* Frames handed over silent because the disk was too slow; their sound is skipped, so that the time
 * line stays. */
int64_t ear_wav_mic_missed(const struct ear_wav_mic *mic);

/* Writes 16 bit mono 16 kHz as an unbroken time line that starts at the first wants(): frame k is
 * asked for at start + k * 10 ms and heard then. A new file is its owner's alone to read. */
struct ear_wav_speaker;

/* On failure error holds one sentence for a person. Returns 0, -ENOENT (no such folder), -ENOSPC,
 * -ENOMEM, -EIO. */
EAR_CHECK int ear_wav_speaker_open(struct ear_wav_speaker **ret, const char *path, char *error,
                                   size_t error_bytes);
/* Writes what is left and the header's lengths. Returns 0, or the first error that writing met
 * (-ENOSPC: the disk was full; what was written until then is kept and playable). */
int ear_wav_speaker_close(struct ear_wav_speaker *speaker);
/* Writes out what has gathered; also keeps the header's lengths true, so that a crash leaves a
 * playable file. Returns 0 or -errno of the first failure. thread: worker; or the simulation's. */
int ear_wav_speaker_pump(struct ear_wav_speaker *speaker);
struct ear_speaker *ear_wav_speaker_speaker(struct ear_wav_speaker *speaker);
int64_t ear_wav_speaker_start_us(const struct ear_wav_speaker *speaker);

/* A microphone that hears nothing (faint room noise, so that it does not count as dead) and a
 * loudspeaker that nobody hears; they need no file. Free with free(). */
EAR_CHECK int ear_wav_silence_new(struct ear_mic **ret);
EAR_CHECK int ear_wav_nowhere_new(struct ear_speaker **ret);

#endif
