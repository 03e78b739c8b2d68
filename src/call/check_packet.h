/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The packets by which two ends measure the line between them. */
#ifndef EAR_CHECK_PACKET_H
#define EAR_CHECK_PACKET_H

#include "wire/packet.h"

/* They travel as speech does (unsequenced, squeezed, sealed with the short tag), on a session that
 * no call uses. One byte of kind, then
 *   PING        4 when it was sent, units of 100 us | 2 number
 *   PONG        4 likewise, the moment in which the ping came | 2 number of the ping
 *               | 2 number of the first ping that came | 2 how many came
 *   OUT, BACK   4 likewise | 1 train, 0 or 1 | 1 place in it | 1 how many are wanted back
 *               | 2 bytes of each
 *   ASK         the same, place 0: says what OUT said, for a train that was lost, and asks for TOLD
 *   TOLD        1 train | 1 how many of it came | 4 its rate, bit/s; 0: not known
 *   BUSY        nothing
 * and zeros to the length that is measured with. */
enum ear_check_kind {
    EAR_CHECK_PING = 1,
    EAR_CHECK_PONG = 2,
    EAR_CHECK_OUT = 3,
    EAR_CHECK_BACK = 4,
    EAR_CHECK_ASK = 5,
    EAR_CHECK_TOLD = 6,
    EAR_CHECK_BUSY = 7,
};

#define EAR_CHECK_TRAINS 2
/* What a byte string of these costs beyond itself. */
#define EAR_CHECK_FIXED_BYTES (EAR_SPEECH_FIXED_BYTES - EAR_AUDIO_HEADER_BYTES)
/* 60 bytes on the wire, as speech at its least rate has; 439 for the longest. */
#define EAR_CHECK_PING_BYTES 21
#define EAR_CHECK_BYTES_MAX 400
/* The longest train: 10 kB, 0.8 s of 100 kbit/s. */
#define EAR_CHECK_TRAIN_MAX 23
#define EAR_CHECK_PINGS_MAX 96

struct ear_check_packet {
    enum ear_check_kind kind;
    uint16_t number;
    uint32_t at_100us;
    uint16_t first, received; /* TOLD: received alone */
    uint8_t train, place, back;
    uint16_t bytes; /* EAR_CHECK_PING_BYTES to EAR_CHECK_BYTES_MAX */
    uint32_t rate_bps;
};

/* Returns 0, -EBADMSG for nonsense. Pure. */
EAR_CHECK int ear_check_packet_parse(const uint8_t *data, size_t len, struct ear_check_packet *ret);
/* Fills out up to len with zeros. len >= EAR_CHECK_PING_BYTES. Pure. */
void ear_check_packet_build(const struct ear_check_packet *packet, uint8_t *out, size_t len);

/* How long the packets of a train were on their way. Zero: none has come. */
struct ear_check_arrivals {
    int count;
    uint8_t place[EAR_CHECK_TRAIN_MAX];
    int64_t delay_us[EAR_CHECK_TRAIN_MAX];
    size_t bytes; /* of each, with all that it cost */
};

/* By two clocks that differ by a constant. Pure. */
int64_t ear_check_delay_us(const struct ear_check_packet *packet, int64_t now_us);
/* The middle one of so many, which are put in order. */
int64_t ear_check_median_us(int64_t *us, int count);
void ear_check_arrivals_add(struct ear_check_arrivals *arrivals,
                            const struct ear_check_packet *packet, size_t len, int64_t now_us);
/* At which the line let them through: what came by then over how long that took longer than a ping
 * does (base_us), the median over the later half. So neither a lost one nor one that was held up
 * spoils it, and what was held up shows as a thinner line rather than a wider one. 0: none came; at
 * most UINT32_MAX. Pure. */
uint32_t ear_check_arrivals_rate_bps(const struct ear_check_arrivals *arrivals, int64_t base_us);

#endif
