/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A live call over loopback sockets under floods of random, changed and repeated datagrams.
 * Usage: bench_attack [SECONDS [PER-SECOND]], 60 and 10000 unless told; a quarter of the time goes
 * to a call without attack, and to each kind of flood. 10^7 datagrams: bench_attack 1340 10000 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "call/engine.h"
#include "call/session.h"
#include "fake/person.h"
#include "port/codec.h"
#include "port/enet_link.h"
#include "port/udp.h"
#include "sim/introduce.h"

#define US_PER_S ((int64_t)EAR_US_PER_S)
/* The caller's datagrams are known to the attacker this long before they are sent, so that what
 * he makes of them comes before them. Clean calls are held back as well. */
#define HOLD_US (20 * EAR_US_PER_MS)
#define HELD 64
/* Who repeats a datagram before its original comes has carried it, and is answered. */
#define MAY_BE_HELD 8
#define KEPT 256
#define KNOWN (1 << 16)
#define TICK_US EAR_US_PER_MS
#define SETTLE_S 20 /* more than it takes to connect, for whoever hangs */

enum flood { CLEAN, RANDOM, CHANGED, REPEATED, FLOODS };
static const char *const names[FLOODS] = {"clean", "random", "changed", "repeated"};

struct kept {
    size_t len;
    uint8_t data[EAR_DATAGRAM_MAX];
};

/* How often a body was sealed and how often it was opened. */
struct body {
    _Atomic uint64_t hash;
    atomic_int sealed, opened;
};

struct outcome {
    int64_t known, refused, lost, discarded, heard, outages;
    double delay_ms, cpu_percent;
    bool talked;
};

/* What the three processes share. */
struct ground {
    atomic_bool talks, over;
    atomic_uint kept_count;
    struct kept kept[KEPT];
    struct body bodies[KNOWN], sounds[KNOWN]; /* for ENet, and for Opus */
    atomic_llong thrown, alien_enet, alien_opus, opened, decoded, journal_t0_us;
    struct outcome outcome;
};

struct held {
    int64_t due_us;
    struct ear_address to;
    struct kept datagram;
};

struct end {
    struct ear_udp *udp;
    struct ear_datagrams net;
    struct ear_person person;
    struct ear_codec *codec, wrapped;
    struct ear_engine *engine;
    struct held held[HELD];
    unsigned first_held, held_count;
};

/* The linker's --wrap gives its functions no context. */
static struct ground *ground;

int __real_ear_tunnel_seal(struct ear_tunnel *tunnel, enum ear_class class, const uint8_t *body,
                           size_t len, uint8_t *out, size_t cap);
int __wrap_ear_tunnel_seal(struct ear_tunnel *tunnel, enum ear_class class, const uint8_t *body,
                           size_t len, uint8_t *out, size_t cap);
void __real_ear_session_take(struct ear_session *session, enum ear_kind kind, const uint8_t *body,
                             size_t len);
void __wrap_ear_session_take(struct ear_session *session, enum ear_kind kind, const uint8_t *body,
                             size_t len);

static int64_t now_us(void)
{
    return ear_clock_now_us(&ear_clock_monotonic);
}

/* FNV-1a; 0 stands for a free place. */
static uint64_t hash_of(uint8_t first, const uint8_t *data, size_t len)
{
    uint64_t hash = (UINT64_C(0xcbf29ce484222325) ^ first) * UINT64_C(0x100000001b3);
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
    return hash ? hash : 1;
}

static struct body *find(struct body *table, uint64_t hash)
{
    for (size_t i = 0; i < KNOWN; i++) {
        struct body *b = &table[(hash + i) % KNOWN];
        uint64_t none = 0;
        if (atomic_compare_exchange_strong(&b->hash, &none, hash) || none == hash)
            return b;
    }
    fprintf(stderr, "bench_attack: too many datagrams to remember\n");
    _exit(1);
}

int __wrap_ear_tunnel_seal(struct ear_tunnel *tunnel, enum ear_class class, const uint8_t *body,
                           size_t len, uint8_t *out, size_t cap)
{
    if (!tunnel->callee && len > 0)
        find(ground->bodies, hash_of(body[0], body + 1, len - 1))->sealed++;
    return __real_ear_tunnel_seal(tunnel, class, body, len, out, cap);
}

/* Whatever was opened and goes to ENet. */
void __wrap_ear_session_take(struct ear_session *session, enum ear_kind kind, const uint8_t *body,
                             size_t len)
{
    if (!session->caller) {
        struct body *b = find(ground->bodies, hash_of((uint8_t)kind, body, len));
        ground->opened++;
        if (++b->opened > b->sealed)
            ground->alien_enet++;
    }
    __real_ear_session_take(session, kind, body, len);
}

static int encode(void *ctx, const struct ear_codec_format *format, const int16_t *pcm,
                  uint8_t *ret_packet)
{
    struct end *end = ctx;
    int len = end->codec->encode(end->codec->ctx, format, pcm, ret_packet);
    if (len > 0)
        find(ground->sounds, hash_of(0, ret_packet, (size_t)len))->sealed++;
    return len;
}

static int decode(void *ctx, const uint8_t *packet, size_t len, int16_t *pcm, size_t cap)
{
    struct end *end = ctx;
    struct body *b = find(ground->sounds, hash_of(0, packet, len));
    ground->decoded++;
    if (++b->opened > b->sealed)
        ground->alien_opus++;
    return end->codec->decode(end->codec->ctx, packet, len, pcm, cap);
}

static int conceal(void *ctx, int16_t *pcm, size_t samples)
{
    struct end *end = ctx;
    return end->codec->conceal(end->codec->ctx, pcm, samples);
}

static void reset(void *ctx)
{
    struct end *end = ctx;
    end->codec->reset(end->codec->ctx);
}

/* ---- the two ends ---- */

static int hold(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len)
{
    struct end *end = ctx;
    if (len > EAR_DATAGRAM_MAX || end->held_count == HELD)
        return -ENOBUFS;
    struct held *h = &end->held[(end->first_held + end->held_count++) % HELD];
    *h = (struct held){.due_us = now_us() + HOLD_US, .to = *to, .datagram.len = len};
    memcpy(h->datagram.data, data, len);
    unsigned at = ground->kept_count;
    ground->kept[at % KEPT] = h->datagram;
    ground->kept_count = at + 1;
    return 0;
}

static int receive(void *ctx, struct ear_address *ret_from, uint8_t *data, size_t cap)
{
    struct end *end = ctx;
    return end->net.receive(end->net.ctx, ret_from, data, cap);
}

/* Sends what was held long enough; returns when the next is due. */
static int64_t let_go(struct end *end)
{
    while (end->held_count > 0 && end->held[end->first_held].due_us <= now_us()) {
        struct held *h = &end->held[end->first_held];
        end->net.send(end->net.ctx, &h->to, h->datagram.data, h->datagram.len);
        end->first_held = (end->first_held + 1) % HELD;
        end->held_count--;
    }
    return end->held_count > 0 ? end->held[end->first_held].due_us : INT64_MAX;
}

static void open_end(struct end *end, const struct ear_guests *guests, bool calls)
{
    ear_person_init(&end->person, 0);
    end->person.speaks = true;
    end->net = ear_udp_datagrams(end->udp);
    if (ear_enet_start() < 0 || ear_codec_opus_new(&end->codec, &ear_codec_opus_usual) < 0)
        _exit(1);
    end->wrapped = *end->codec;
    end->wrapped.conceal = conceal;
    end->wrapped.reset = reset;
    end->wrapped.encode = encode;
    end->wrapped.decode = decode;
    end->wrapped.ctx = end;
    const struct ear_engine_config config = {
        .clock = &ear_clock_monotonic,
        .net =
            calls ? (struct ear_datagrams){.send = hold, .receive = receive, .ctx = end} : end->net,
        .mic = &end->person.mic,
        .speaker = &end->person.speaker,
        .codec = &end->wrapped,
        .guests = guests,
        .stamps = {.last = 1000, .end = UINT64_MAX},
        .accept = !calls,
        .auto_answer = true,
        .wire_budget_bps = 16000,
    };
    if (ear_engine_new(&end->engine, &config) < 0)
        _exit(1);
}

static void step(struct end *end)
{
    int64_t due = ear_engine_step(end->engine);
    int64_t wait = ear_max64(0, ear_min64(due, let_go(end)) - now_us());
    struct ear_event event;
    while (ear_engine_event(end->engine, &event))
        ;
    struct pollfd fd = {.fd = ear_udp_fd(end->udp), .events = POLLIN};
    const struct timespec t = {.tv_sec = wait / US_PER_S, .tv_nsec = wait % US_PER_S * 1000};
    ppoll(&fd, 1, &t, NULL);
}

static void run_caller(struct end *end, const struct ear_guests *guests,
                       const struct ear_address *to)
{
    struct ear_engine_status status;
    open_end(end, guests, true);
    const struct ear_command dial = {.kind = EAR_COMMAND_DIAL, .address = *to, .guest = 2};
    ear_engine_command(end->engine, &dial);
    while (!ground->over) {
        step(end);
        ear_engine_get_status(end->engine, &status);
        ground->journal_t0_us = status.talk.journal_t0_us;
    }
}

static double cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void run_attacked(struct end *end, const struct ear_guests *guests, int64_t duration_us)
{
    struct ear_engine_status st = {0};
    int64_t limit = now_us() + SETTLE_S * US_PER_S;
    open_end(end, guests, false);
    while (st.phase != EAR_PHASE_TALKING && now_us() < limit) {
        step(end);
        ear_engine_get_status(end->engine, &st);
    }
    ground->talks = true;
    double cpu = cpu_s();
    int64_t begin = now_us();
    while (now_us() < begin + duration_us)
        step(end);
    double seconds = (double)(now_us() - begin) / EAR_US_PER_S;
    ear_engine_get_status(end->engine, &st);
    int64_t offset = st.talk.play.offset_median_us - ground->journal_t0_us;
    ground->outcome = (struct outcome){.known = st.received_datagrams,
                                       .refused = st.refused_datagrams,
                                       .lost = st.talk.play.packets_lost,
                                       .discarded = st.talk.play.packets_discarded,
                                       .heard = st.talk.play.packets_received,
                                       .outages = st.outages,
                                       .delay_ms = (double)offset / EAR_US_PER_MS,
                                       .cpu_percent = 100 * (cpu_s() - cpu) / seconds,
                                       .talked = st.phase == EAR_PHASE_TALKING};
    ground->over = true;
}

/* ---- the attacker ---- */

static size_t random_datagram(struct ear_random *random, uint8_t *data)
{
    size_t len = 1 + ear_random_below(random, EAR_DATAGRAM_MAX);
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(ear_random_u64(random) >> 32);
    if (ear_random_below(random, 2) == 0) /* as if it were sealed, or a handshake */
        data[0] = (uint8_t)(ear_random_below(random, 2) ? data[0] | EAR_SEALED
                                                        : 1 + ear_random_below(random, 4));
    return len;
}

/* One of the newest, the `skip` newest of all left out. */
static size_t kept_datagram(struct ear_random *random, unsigned skip, unsigned newest,
                            uint8_t *data)
{
    unsigned count = ground->kept_count;
    if (count <= skip)
        return 0;
    uint32_t among = (uint32_t)ear_min64(newest, count - skip);
    const struct kept *k =
        &ground->kept[(count - 1 - skip - ear_random_below(random, among)) % KEPT];
    size_t len = k->len;
    memcpy(data, k->data, len);
    return len;
}

static size_t changed_datagram(struct ear_random *random, uint8_t *data)
{
    size_t len = kept_datagram(random, 0, 2, data); /* those held back, above all */
    if (len == 0)
        return 0;
    if (len > 1 && ear_random_below(random, 8) == 0)
        return 1 + ear_random_below(random, (uint32_t)len - 1);
    if (len < EAR_DATAGRAM_MAX && ear_random_below(random, 8) == 0) {
        data[len] = (uint8_t)(ear_random_u64(random) >> 32);
        return len + 1;
    }
    data[ear_random_below(random, (uint32_t)len)] ^= (uint8_t)(1 << ear_random_below(random, 8));
    return len;
}

/* Every other one comes from the caller's own address. */
static void throw_one(enum flood flood, struct ear_random *random, const int fds[2],
                      const struct ear_address *to)
{
    uint8_t data[EAR_DATAGRAM_MAX + 1];
    size_t len = flood == RANDOM    ? random_datagram(random, data)
                 : flood == CHANGED ? changed_datagram(random, data)
                                    : kept_datagram(random, MAY_BE_HELD, KEPT - HELD, data);
    if (len > 0 && sendto(fds[ground->thrown % 2], data, len, MSG_DONTWAIT,
                          (const struct sockaddr *)(const void *)to->bytes, to->len) > 0)
        ground->thrown++;
}

static void run_flood(enum flood flood, int per_second, const int fds[2],
                      const struct ear_address *to)
{
    struct ear_random random = ear_random_seeded(1 + (uint64_t)flood);
    const struct timespec tick = {.tv_nsec = TICK_US * 1000};
    while (!ground->talks)
        nanosleep(&tick, NULL);
    int64_t begin = now_us(), tried = 0;
    while (!ground->over) {
        for (int64_t due = (now_us() - begin) * per_second / US_PER_S; tried < due; tried++)
            throw_one(flood, &random, fds, to);
        nanosleep(&tick, NULL);
    }
}

/* ---- */

static void print(enum flood flood)
{
    const struct outcome *o = &ground->outcome;
    const char *n = names[flood];
    printf("%s datagrams thrown: %lld datagrams\n", n, (long long)ground->thrown);
    printf("%s datagrams refused: %lld datagrams\n", n, (long long)o->refused);
    printf("%s datagrams that reached ENet: %lld datagrams\n", n, (long long)ground->opened);
    printf("%s reached ENet unsent: %lld datagrams\n", n, (long long)ground->alien_enet);
    printf("%s reached Opus unsent: %lld packets\n", n, (long long)ground->alien_opus);
    printf("%s speech heard: %lld packets\n", n, (long long)o->heard);
    printf("%s speech lost: %lld packets\n", n, (long long)(o->lost + o->discarded));
    printf("%s outages told: %lld outages\n", n, (long long)o->outages);
    printf("%s mouth to ear: %.1f ms\n", n, o->delay_ms);
    printf("%s CPU of the attacked: %.2f percent of a core\n", n, o->cpu_percent);
    printf("%s call goes on: %d\n", n, o->talked);
    fflush(stdout);
}

static pid_t begin(unsigned limit_s)
{
    pid_t pid = fork();
    if (pid == 0)
        alarm(limit_s);
    return pid;
}

static int attack(enum flood flood, int64_t duration_us, int per_second)
{
    static struct end ends[2];
    static struct ear_guests guests[2];
    struct ear_guests *const both[] = {&guests[0], &guests[1]};
    struct ear_address at[2];
    char error[128];
    unsigned limit_s = (unsigned)(duration_us / US_PER_S) + 2 * SETTLE_S;
    ground = mmap(NULL, sizeof *ground, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (ground == MAP_FAILED)
        return -ENOMEM;
    ear_introduce(both, 2, &(struct ear_chance){0});
    for (int i = 0; i < 2; i++) {
        if (ear_udp_resolve("127.0.0.1:0", &at[i], error, sizeof error) < 0 ||
            ear_udp_open(&ends[i].udp, &at[i], error, sizeof error) < 0) {
            fprintf(stderr, "bench_attack: %s\n", error);
            return -EIO;
        }
        at[i] = ear_udp_address(ends[i].udp);
    }
    const int fds[2] = {ear_udp_fd(ends[0].udp), socket(AF_INET, SOCK_DGRAM, 0)};
    pid_t pids[3] = {0};
    if ((pids[0] = begin(limit_s)) == 0) {
        run_attacked(&ends[1], &guests[1], duration_us);
        _exit(0);
    }
    if ((pids[1] = begin(limit_s)) == 0) {
        run_caller(&ends[0], &guests[0], &at[1]);
        _exit(0);
    }
    if (flood != CLEAN && (pids[2] = begin(limit_s)) == 0) {
        run_flood(flood, per_second, fds, &at[1]);
        _exit(0);
    }
    int failed = 0, state;
    for (int i = 0; i < 3; i++)
        if (pids[i] > 0)
            failed += waitpid(pids[i], &state, 0) < 0 || state != 0;
    print(flood);
    failed += !ground->outcome.talked || ground->alien_enet > 0 || ground->alien_opus > 0;
    close(fds[1]);
    for (int i = 0; i < 2; i++)
        ear_udp_close(ends[i].udp);
    munmap(ground, sizeof *ground);
    return failed ? -EIO : 0;
}

int main(int argc, char **argv)
{
    int64_t seconds = argc > 1 ? atoi(argv[1]) : 60;
    int per_second = argc > 2 ? atoi(argv[2]) : 10000, err = 0;
    if (seconds < FLOODS || per_second < 1) {
        fprintf(stderr, "usage: bench_attack [SECONDS [PER-SECOND]]\n");
        return 2;
    }
    if (ear_sodium_start() < 0)
        return 1;
    for (enum flood flood = CLEAN; flood < FLOODS; flood++)
        err = attack(flood, seconds * US_PER_S / FLOODS, per_second) < 0 ? 1 : err;
    return err;
}
