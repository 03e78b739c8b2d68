/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has not come of a talker's journal: when it is asked for, how long it is waited for, and
 * what became of it. */
#ifndef EAR_GAPS_H
#define EAR_GAPS_H

#include "base/ear.h"

#define EAR_GAPS_RANGES 1024

enum ear_gap_kind {
    EAR_GAP_LIVE,    /* playout passes over it when its turn comes */
    EAR_GAP_AWAITED, /* playout waits for it */
    EAR_GAP_MISSED,  /* live speech went on; it is fetched behind it and offered */
    EAR_GAP_LOST,    /* given up: nobody will hear it, and the user is told when that was */
    EAR_GAP_KINDS
};

/* Units [from, to) of which nothing is known. */
struct ear_gap {
    int64_t from, to;
    enum ear_gap_kind kind;
    bool sparse;      /* the talker was silent at one end, so not all of it was speech */
    int64_t since_us; /* when it was found missing, or a part of it came last */
    int64_t asked_us; /* when it was asked for last */
    int asks;
};

struct ear_gaps_config {
    int64_t live_units;    /* a longer gap is awaited; 0: all are */
    int64_t sign_units;    /* of a sparse one so much may have been silence */
    int64_t awaited_units; /* a still longer one is missed */
    int64_t short_units;   /* a range up to this, unless it is missed, is asked for ... */
    int64_t short_us;      /* ... as often as this, until it comes */
};

/* Ranges are kept in order and never overlap. thread: media; nothing allocates. */
struct ear_gaps {
    struct ear_gaps_config config;
    struct ear_gap range[EAR_GAPS_RANGES];
    size_t count;
    int64_t known;       /* all before it came, was silence, is in a range or was given up */
    bool silent;         /* nothing is said at known, as far as we know */
    bool odd;            /* number of spurts so far, as far as we know */
    int64_t silent_from; /* where that silence began, if it is one */
    int64_t pause_from, pause_to; /* before the spurt that is spoken now: held for silent */
    int64_t forgotten_units;      /* that found no room */
};

/* A talk begins: nothing has been said before index 0. */
void ear_gaps_init(struct ear_gaps *gaps, const struct ear_gaps_config *config);

/* Speech came by itself: units [index, index + units). What lies between it and all before is
 * missing, unless it starts a spurt and the silence before was told. Returns the units that are
 * found missing now. */
int64_t ear_gaps_speech(struct ear_gaps *gaps, int64_t index, int units, bool spurt_start,
                        int64_t now_us);
/* The talker is silent at index, in the silence behind an odd or even number of spurts. Returns
 * the units that are found missing now. */
int64_t ear_gaps_silence(struct ear_gaps *gaps, int64_t index, bool odd, int64_t now_us);
/* Units [from, to) came otherwise: returns whether any of them was wanted, and then as what. What
 * was given up stays so. */
bool ear_gaps_settle(struct ear_gaps *gaps, int64_t from, int64_t to, int64_t now_us,
                     enum ear_gap_kind *ret_kind);
/* The talker says that units [from, to) hold no speech: they are missing no more. Returns as
 * settle does. */
bool ear_gaps_clear(struct ear_gaps *gaps, int64_t from, int64_t to, int64_t now_us,
                    enum ear_gap_kind *ret_kind);
/* The talker no longer has units [from, to): what of them was wanted is lost. */
void ear_gaps_lose(struct ear_gaps *gaps, int64_t from, int64_t to);

/* Units [from, to) came when their time was over: they are lost. */
void ear_gaps_late(struct ear_gaps *gaps, int64_t from, int64_t to);

/* Units [from, to) came, but cannot be kept: they are lost, and so is all that is fetched behind
 * live speech, for there is no room for that either. */
void ear_gaps_overflow(struct ear_gaps *gaps, int64_t from, int64_t to);

/* Whether units [from, to) were given up, all of them. */
bool ear_gaps_is_lost(const struct ear_gaps *gaps, int64_t from, int64_t to);

/* The first unit that playout waits for; -1: none. */
int64_t ear_gaps_awaited(const struct ear_gaps *gaps);
/* The first unit that is fetched behind live speech; INT64_MAX: none. */
int64_t ear_gaps_fetched(const struct ear_gaps *gaps);
/* Playout has passed `index`: what was live or awaited before it is lost, but ranges of at least
 * missed_units, and sign_units where they are sparse, which are missed. */
void ear_gaps_pass(struct ear_gaps *gaps, int64_t index, int64_t missed_units);
/* What was awaited without any answer for this long is missed from now on. */
void ear_gaps_expire(struct ear_gaps *gaps, int64_t now_us, int64_t patience_us);
/* All that is awaited is missed from now on: the user skips. */
void ear_gaps_skip(struct ear_gaps *gaps);

/* What to ask for now: up to cap ranges, each asked not more often than every_us; short ones as
 * the config says. What is asked
 * counts as asked only by ear_gaps_asked. Returns how many. */
size_t ear_gaps_due(const struct ear_gaps *gaps, int64_t now_us, int64_t every_us,
                    struct ear_gap *ret, size_t cap);
/* The range that begins at from was asked for. */
void ear_gaps_asked(struct ear_gaps *gaps, int64_t from, int64_t now_us);

#endif
