/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the engine's hands into the recorder's. */
#include "tools/leave.h"

#include "mail/recorder.h"

static int put(struct ear_recorder *recorder, const struct ear_unheard_piece *piece)
{
    return piece->packet ? ear_recorder_put_packet(recorder, piece->packet, piece->len)
                         : ear_recorder_put_silence(recorder, piece->silence_units);
}

int64_t ear_leave_unheard(struct ear_unheard *unheard, struct ear_store *store, int64_t written_s,
                          struct ear_message *ret)
{
    struct ear_unheard_piece piece;
    struct ear_recorder *recorder = NULL;
    struct ear_codec *codec = NULL;
    uint32_t person = ear_unheard_guest(unheard);
    if (!ear_unheard_next(unheard, &piece))
        return 0;
    int err = ear_codec_opus_new(&codec, &ear_codec_opus_usual);
    if (!err)
        err = ear_recorder_new(&recorder,
                               &(struct ear_recorder_config){.store = store,
                                                             .codec = codec,
                                                             .person = person,
                                                             .written_s = written_s,
                                                             .rate_bps = EAR_RECORDER_BPS_MIN});
    bool more = true;
    while (!err && more) {
        err = put(recorder, &piece);
        more = ear_unheard_next(unheard, &piece);
    }
    if (!err)
        err = ear_recorder_finish(recorder);
    if (!err)
        err = ear_messages_with_id(store, ear_recorder_id(recorder), ret);
    ear_unheard_drop(unheard);
    ear_recorder_free(recorder);
    ear_codec_opus_free(codec);
    return err ? (int64_t)err : (int64_t)ret->duration_ms;
}
