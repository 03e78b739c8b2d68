/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast mail may go: as much as the line carries, and behind speech, so that no queue stands. */
#ifndef EAR_PACE_H
#define EAR_PACE_H

#include "line/meter.h"

/* What a frame costs on the wire beyond its bytes: IPv4 and UDP 28, the seal 21, kind 1, ENet's
 * datagram and reliable command 10. */
#define EAR_PACE_FRAME_FIXED_BYTES 60

#define EAR_PACE_TRIPS 8
#define EAR_PACE_LEASTS 6

#define EAR_PACE_PAIRS 8

/* A frame that has arrived. */
struct ear_pace_ack {
    size_t bytes;
    int64_t took_us;  /* from its sending to its acknowledgement; 0: not known */
    uint32_t sent_ms; /* two of one moment left together */
};

struct ear_pace_trip {
    int64_t at_us, took_us;
};

/* What live speech does on the same line. */
struct ear_pace_speech {
    bool on;            /* there is a talk */
    bool yields;        /* mail waits: speech needs all of the line, or measures it */
    bool full;          /* the line carries no more than that */
    int budget_bps;     /* what speech may take */
    bool silent;        /* we said nothing lately */
    bool listens;       /* nor do we, while they speak: no word of ours is near */
    int64_t packet_us;  /* time from packet to packet; 0: not known */
    int64_t due_us;     /* when its next packet may leave, even if it is silent now */
    double queueing_ms; /* as its newest reports tell */
};

/* Rates are of the wire and of all that we send there, speech included. thread: media. Pure in
 * time. */
struct ear_pace {
    double rate_bps;
    double full_bps;  /* at which a queue stood last; 0: none did yet */
    int64_t free_us;  /* when a line of that rate has carried what was sent */
    int64_t frame_us; /* newest frame */
    int64_t grown_us, cut_us;
    int64_t queued_us; /* when speech met a queue last */
    struct ear_pace_speech speech;
    struct ear_meter sent, came;                /* all that we sent; frames that arrived */
    struct ear_pace_trip trips[EAR_PACE_TRIPS]; /* of long frames */
    size_t trip_count;
    int64_t jitter_us;               /* mean difference from one trip to the next */
    int64_t leasts[EAR_PACE_LEASTS]; /* least trips of bins of time */
    size_t least_count;
    int64_t bin_us;
    struct ear_pace_ack newest;   /* that came */
    double pairs[EAR_PACE_PAIRS]; /* what the line carried of two frames, bit/s */
    size_t pair_count;
    int64_t pair_us;
    bool pairs_now;    /* a second frame leaves together with the newest */
    size_t long_bytes; /* what a long frame is ... */
    int64_t long_us;   /* ... and when the newest one came */
};

/* bps: what is known of the line to begin with; 0: nothing. */
void ear_pace_init(struct ear_pace *pace, int bps, int64_t now_us);
void ear_pace_set_speech(struct ear_pace *pace, const struct ear_pace_speech *speech,
                         int64_t now_us);
/* Anything of ours left, with all that the network adds. */
void ear_pace_sent(struct ear_pace *pace, int64_t bytes, int64_t now_us);
/* A frame left ... */
void ear_pace_frame(struct ear_pace *pace, size_t frame_bytes, int64_t now_us);
/* ... and one has arrived. */
void ear_pace_came(struct ear_pace *pace, const struct ear_pace_ack *ack, int64_t now_us);
/* May a frame leave while so many of so many bytes in all are under way? */
bool ear_pace_may(struct ear_pace *pace, size_t frame_bytes, size_t count, size_t bytes,
                  int64_t now_us);
/* When that is worth asking again. */
int64_t ear_pace_due_us(const struct ear_pace *pace, int64_t now_us);
/* How long a frame should be at most. */
size_t ear_pace_cap(const struct ear_pace *pace, size_t most, size_t least);
/* After what time a frame is lost, while so many of so many bytes in all are under way. */
int64_t ear_pace_lost_us(const struct ear_pace *pace, int64_t trip_us, size_t count, size_t bytes);

#endif
