/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two meters: what is not speech is known only afterwards. */
#include "line/allowance.h"

#include <math.h>

/* A wire budget holds over any so many seconds. */
#define BUDGET_S 10
#define BIN_S ((double)BUDGET_S / EAR_METER_BINS)
/* Speech leaves the rest of a budget to pings, acknowledgements and what else is said: sent again
 * and again they come to .7 kbit/s. */
#define SPEECH_USUAL .95
/* With its repairs a little less, for 10 s are known to 100 ms: a packet more or less. */
#define REPAIRED_USUAL .94
/* Where the user set the budget and nothing is lost, it takes all but what the last 10 s held of
 * that and this, from when a call's first signals are through. With as much over lossy lines what
 * was asked for came too late, and silence was listed as lost. */
#define BEGINNING_US (15 * (int64_t)EAR_US_PER_S)
#define UNFORESEEN_BPS 600
/* Repairs may bring the rate of one second to this many times the budget, where the last 10 s left
 * room for it: who waits for what an outage took should not wait longer than needed. */
#define REPAIR_SURGE 1.5
/* A backlog goes at this share of the budget: with what else is sent, the worst 10 s on a line that
 * is dead for 3 s now and then hold 24.0 kbit/s of 24. */
#define BACKLOG_USUAL .985
/* Its pieces leave at the sender's steps: as much as one was late, up to this, the next is early.
 * Without it they came 4 % slower than they are played, and each was waited for: ESTOI .887 to
 * .894. */
#define BACKLOG_CREDIT_US (60 * (int64_t)EAR_US_PER_MS)

void ear_allowance_sent(struct ear_allowance *allowance, int64_t bytes, int64_t now_us)
{
    ear_meter_add(&allowance->speech, now_us, bytes);
}

void ear_allowance_all_sent(struct ear_allowance *allowance, int64_t bytes, int64_t now_us)
{
    int64_t others = bytes - (allowance->speech.total - allowance->speech_accounted);
    allowance->speech_accounted = allowance->speech.total;
    ear_meter_add(&allowance->others, now_us, ear_max64(others, 0));
}

/* The budget is the user's, not what the line seems to carry. */
static bool is_users(const struct ear_allowance *allowance, double budget_bps)
{
    return budget_bps >= allowance->user_bps;
}

int ear_allowance_speech_bps(struct ear_allowance *allowance, double budget_bps, bool whole,
                             int64_t now_us)
{
    double usual = budget_bps * SPEECH_USUAL;
    bool begins = now_us - allowance->since_us < BEGINNING_US;
    if (!whole || begins || !is_users(allowance, budget_bps))
        return (int)usual;
    double others_bps = 8 * ear_meter_rate(&allowance->others, now_us, BUDGET_S);
    double missed = BIN_S / BUDGET_S;
    return (int)fmax(usual, budget_bps * (1 - missed) - UNFORESEEN_BPS - others_bps);
}

double ear_allowance_repair_bytes(struct ear_allowance *allowance, double budget_bps,
                                  double steady_bps, double speech_bps, int64_t now_us)
{
    double usual = fmax(budget_bps, steady_bps) * REPAIRED_USUAL / 8;
    double others_bps = 8 * ear_meter_rate(&allowance->others, now_us, BUDGET_S);
    double most = fmax(usual, fmin(speech_bps, budget_bps - others_bps) / 8);
    double speech = fmin(speech_bps / 8, most);
    double surge = REPAIR_SURGE * budget_bps / 8 - ear_meter_rate(&allowance->speech, now_us, 1);
    /* Those 10 s too of which a part is yet to come and will bring speech as planned. By whole
     * seconds the worst 10 s at 50 % loss held 32.6 kbit/s of 32. But not those that begin now:
     * where speech takes the whole budget nothing could ever be given back, and 2 % was lost on a
     * network that refuses one datagram of twenty. */
    return fmin(surge, ear_meter_room(&allowance->speech, now_us, BUDGET_S * most, speech));
}

int64_t ear_allowance_backlog_us(double budget_bps, int64_t due_us, int64_t bytes, int64_t now_us)
{
    double us = 8 * (double)bytes * EAR_US_PER_S / (BACKLOG_USUAL * budget_bps);
    return ear_max64(due_us, now_us - BACKLOG_CREDIT_US) + (int64_t)us;
}
