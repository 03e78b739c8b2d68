/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the talker knows of its outgoing line, from what it sent and what the listener reports. */
#ifndef EAR_LINE_VIEW_H
#define EAR_LINE_VIEW_H

#include "line/line_report.h"

/* The state of the line. Shares are 0 to 1 of datagrams. What an outage took is waited for, and
 * tells nothing of what chance or a queue take: it is in none of these. */
struct ear_line {
    bool known;            /* a report has come since the beginning, or since a move */
    double loss;           /* over about 2 s of packets */
    double loss_slow;      /* over about 15 s */
    double loss_random;    /* among packets that met no queue */
    double loss_queued;    /* among packets that met a long one; as loss_random while
                            * too few did */
    double burst_ms;       /* mean length of a loss, to the packet that arrived behind it */
    double bad_ms;         /* mean time from the first to the last packet of a loss */
    double rtt_ms;         /* smoothed; 0: not known */
    double rtt_var_ms;     /* mean deviation */
    double queueing_ms;    /* newest delay over the least of 60 s, the clocks' drift taken off */
    double slope_ms_s;     /* of the delay over 1.5 s; 0 where there are too few reports */
    double sent_bps;       /* what went out over the last 2 s */
    double drift_ppm;      /* the listener's clock against ours */
    double playout_ms;     /* the listener's playout delay */
    int64_t reports;       /* how many told the delay anew or confirmed it */
    int64_t acked_sent_us; /* when the newest packet that is known to have come was sent */
    int64_t acked_bytes;   /* sum of all that was sent up to that one */
    int64_t arrived_bytes; /* ... of it those that came */
    int64_t unanswered_us; /* how long we have been sending without news of newer packets */
    int64_t unheard_us; /* for how long nothing of ours had come when the listener last said so */
    int64_t silent_us;  /* how long nothing at all has come from the other side */
    bool stalls;        /* lately nothing came for more than a second, and then something did */
};

#define EAR_LINE_VIEW_SENT 256 /* 5 s of 20 ms packets, 15 s of 60 ms ones */
#define EAR_LINE_VIEW_DELAYS 16
#define EAR_LINE_VIEW_LEASTS 6 /* bins of the delay's least */
#define EAR_LINE_VIEW_DRIFTS 32

struct ear_line_view_packet {
    int64_t index;
    int64_t at_us;
    int64_t bytes;
    int64_t bytes_before; /* sum of what was sent before it */
    bool settled;         /* counted as arrived or lost */
};

struct ear_line_view_point {
    int64_t at_us;
    double ms;
};

/* Counts that fade. */
struct ear_line_view_share {
    double lost, all;
};

/* Fixed memory. thread: media. Pure in time. */
struct ear_line_view {
    struct ear_line line; /* what does not depend on now */
    struct ear_line_view_packet sent[EAR_LINE_VIEW_SENT];
    size_t sent_count;
    int64_t sent_bytes;
    int64_t heard_us;
    int64_t stalled_us;          /* when a stall ended */
    int64_t unanswered_since_us; /* INT64_MAX: all is answered */
    int64_t moved_us;            /* since when it is this way; INT64_MIN: from the beginning */
    int64_t highest;             /* newest index known to have come; -1: none */
    /* delays, unwrapped, over an arbitrary zero */
    bool has_delay;
    int delay_units; /* as told last */
    double delay_ms;
    struct ear_line_view_point delays[EAR_LINE_VIEW_DELAYS];
    size_t delay_count;
    struct ear_line_view_point leasts[EAR_LINE_VIEW_LEASTS];
    size_t least_count;
    int64_t bin_us; /* begin of the newest bin */
    struct ear_line_view_point drifts[EAR_LINE_VIEW_DRIFTS];
    size_t drift_count;
    double drift_ms_s;
    /* loss */
    struct ear_line_view_share fast, slow, random, queued;
    int64_t burst_begin_us; /* of the loss that is going on; INT64_MIN: none */
    int64_t burst_last_us;  /* its newest packet */
    int bursts;             /* how many are over */
    /* what is sent from after .from to .to and does not come was an outage's */
    struct {
        int64_t from_us, to_us;
    } outage;
    int64_t missed_us; /* what was sent until then had not come when the listener last said so */
    int64_t fate_us;   /* sending time of the newest packet whose fate is known */
};

void ear_line_view_init(struct ear_line_view *view, int64_t now_us);
/* Another way or network: what was learnt no longer holds, nor does what becomes of packets that
 * were sent before. */
void ear_line_view_move(struct ear_line_view *view, int64_t now_us);
/* One datagram goes out: bytes with all that the network adds. */
void ear_line_view_sent(struct ear_line_view *view, int64_t index, size_t bytes, int64_t now_us);
/* Anything authentic came. */
void ear_line_view_heard(struct ear_line_view *view, int64_t now_us);
void ear_line_view_report(struct ear_line_view *view, const struct ear_link_report *report,
                          int64_t now_us);
void ear_line_view_get(const struct ear_line_view *view, int64_t now_us, struct ear_line *ret);

#endif
