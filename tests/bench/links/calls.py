# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of each program through bench_links_between, and what it tells of itself."""
import contextlib
import dataclasses
import json
import pathlib
import re
import subprocess
import time

import baresip
import numpy as np
import soundfile

HERE = pathlib.Path(__file__).resolve().parent
HEADER_BYTES = 40   # IPv4, UDP, RTP
REPORTS_BPS = 250   # RTCP
PORTS_EACH = 20
SETTLE_S = 1.0      # from a program's start until it can be called
AFTER_S = 4.0       # what is late is still heard


@dataclasses.dataclass
class Setting:
    """What a rival is told, as somebody would who knows the link."""
    packet_ms: int
    codec_bps: int
    loss_percent: float
    slack_ms: int


@dataclasses.dataclass
class Call:
    link: str
    budget_kbit: float
    seconds: float
    loss_percent: float
    slack_ms: int
    build: pathlib.Path
    speech: pathlib.Path
    folder: pathlib.Path
    port: int
    seed: int           # the same weather for every program

    def ports(self):
        p = self.port
        return {'home': [p, p + 2], 'door': [p + 4, p + 5], 'sip': [p + 6, p + 8], 'reception': p + 10}

    def setting(self):
        packet_ms = 60
        overhead_bps = HEADER_BYTES * 8 * 1000 / packet_ms + REPORTS_BPS
        return Setting(packet_ms, int(self.budget_kbit * 1000 - overhead_bps), self.loss_percent, self.slack_ms)


@contextlib.contextmanager
def between(call, home):
    """The link; yields a list that holds the counts of both directions in the end."""
    door = call.ports()['door']
    program = call.build / 'tests/bench/links/bench_links_between'
    command = [program, call.link, call.seed, home[0], door[0], home[1], door[1]]
    process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    counts = []
    try:
        if process.stdout.readline().strip() != 'ready':
            raise RuntimeError(f'{call.link}: the simulated link does not start')
        yield counts
    finally:
        process.stdin.close()
        counts += json.loads(process.stdout.readline() or '[]')
        process.wait()


@contextlib.contextmanager
def started(*processes):
    """What was started ends here, whatever happens."""
    try:
        yield
    finally:
        for process in processes:
            if process.poll() is None:
                process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            if process.poll() is None:
                process.kill()
                process.wait()


def run_cli(call, *arguments):
    subprocess.run([str(call.build / 'earshot-cli'), *map(str, arguments)], check=True, capture_output=True)


def earshot_live(call):
    ports, folder, cli = call.ports(), call.folder, str(call.build / 'earshot-cli')
    profiles = [str(folder / name) for name in ('mary', 'ann')]
    for profile, name in zip(profiles, ('Mary', 'Ann')):
        run_cli(call, 'identity', '--profile', profile, '--name', name)
    invite, door = folder / 'mary.earshot', f'127.0.0.1:{ports["door"][1]}'
    run_cli(call, 'invite', '--profile', profiles[1], '--name', 'Mary', '--at', door, '--out', invite)
    run_cli(call, 'people', '--profile', profiles[0], 'import', invite)

    def side(end, *rest):
        command = [cli, *rest, '--profile', profiles[end], '--wire-budget', call.budget_kbit,
                   '--mic', call.speech / f'said{end}.wav', '--speaker', folder / f'heard{end}.wav',
                   '--stats', folder / f'stats{end}.json']
        log = open(folder / f'log{end}', 'wb')
        return subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    with between(call, ('-', ports['home'][1])) as counts:
        listener = side(1, 'listen', '--bind', f'127.0.0.1:{ports["home"][1]}', '--auto-answer',
                        '--seconds', call.seconds + 3 * AFTER_S)
        time.sleep(SETTLE_S)
        dialer = side(0, 'dial', door, '--peer', 'Ann', '--seconds', call.seconds + AFTER_S)
        with started(listener, dialer):
            dialer.wait(call.seconds + 60)
            time.sleep(1)
            listener.send_signal(2)
            listener.wait(10)
    return (counts, *told_by_earshot(folder))


def told_by_earshot(folder):
    stats = [json.loads((folder / f'stats{end}.json').read_text()) for end in (0, 1)]
    tells = []
    for s in stats:
        expected = s['packets_received'] + s['packets_lost']
        heard = s['speech_heard_s'] + s['concealed_s']
        tells.append({'residual': (s['packets_lost'] + s['packets_discarded']) / max(1, expected),
                      'concealed': s['concealed_share'],
                      'caught_up': s['caught_up_s'] / max(heard, 1) if 'caught_up_s' in s else None})
    return [s['mic_t0'] for s in stats], [s['speaker_t0'] for s in stats], tells


def earshot(call):
    """In virtual time, through the same simulator under the same weather."""
    program = call.build / 'tests/bench/links/bench_links_earshot'
    said = [call.speech / f'said{end}.wav' for end in (0, 1)]
    command = ['nice', '-n', '10', program, call.link, call.seed, call.seconds + AFTER_S, call.budget_kbit,
               call.folder, *said]
    done = subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True)
    return (json.loads(done.stdout), *told_by_earshot(call.folder))


def gstreamer(call):
    ports, folder, s = call.ports(), call.folder, call.setting()
    seconds = int(call.seconds + AFTER_S)
    with between(call, ports['home']) as counts:
        ends = []
        for end in (1, 0):
            command = [HERE / 'gstreamer_end', call.speech / f'said{end}.wav', folder / f'heard{end}.wav',
                       folder / f'stats{end}.json', ports['home'][end], ports['door'][not end], seconds,
                       max(4000, s.codec_bps), s.packet_ms, round(s.loss_percent), s.slack_ms]
            log = open(folder / f'log{end}', 'wb')
            ends.append(subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        with started(*ends):
            for process in ends:
                process.wait(seconds + 30)
    stats = [json.loads((folder / f'stats{end}.json').read_text()) for end in (0, 1)]
    tells = [{'residual': t['lost'] / max(1, t['lost'] + t['pushed'])} for t in stats]
    return counts, [t['mic_t0'] for t in stats], [t['speaker_t0'] for t in stats], tells


def call_baresip(call):
    ports, folder, setting = call.ports(), call.folder, call.setting()
    reception = baresip.Reception(ports['reception'], ports['sip'], ports['home'], ports['door'])
    reception.start()
    with between(call, ports['home']) as counts:
        called = baresip.start(folder, 1, ports, setting, call)
        time.sleep(SETTLE_S)
        caller = baresip.start(folder, 0, ports, setting, call)
        with started(called, caller):
            time.sleep(call.seconds + AFTER_S)
    reception.done.set()
    times = [json.loads((folder / f'times{end}.json').read_text()) for end in (0, 1)]
    for end in (0, 1):
        soundfile.write(folder / f'heard{end}.wav', np.fromfile(folder / f'heard{end}.raw', '<i2'), 16000)
    tells = [lost_by_baresip(folder, end) for end in (0, 1)]
    return counts, [t['mic_t0'] for t in times], [t['speaker_t0'] for t in times], tells


def lost_by_baresip(folder, end):
    """From the summary in its log: "packets: sent received" and "lost: there here"."""
    text = (folder / f'baresip{end}.log').read_text(errors='replace')
    found = [re.search(name + r':\s+(\d+)\s+(-?\d+)', text) for name in ('packets', 'lost')]
    if not all(found):
        return {}
    received, lost = (int(m.group(2)) for m in found)
    return {'residual': max(0, lost) / max(1, received + max(0, lost))}


PROGRAMS = {'earshot': earshot, 'baresip': call_baresip, 'gstreamer': gstreamer}
# The same through earshot-cli, two processes and sockets, in real time: a check of the above.
MORE = {'earshot-live': earshot_live}
