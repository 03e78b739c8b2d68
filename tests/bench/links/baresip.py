# SPDX-License-Identifier: GPL-3.0-or-later
"""Two baresip (Debian package baresip-core) in a call, their media through a simulated link.

The call is set up over a door of ours that names the link's doors instead of the media ports, so
that no link disturbs it; RTP and RTCP share a port and go through the link. The sound card is card.c.
"""
import os
import re
import select
import socket
import subprocess
import threading

CONFIG = '''poll_method epoll
sip_listen 127.0.0.1:{sip}
call_local_timeout 120
call_max_calls 1
audio_player alsa,default
audio_source alsa,default
audio_alert alsa,none
ausrc_srate 16000
auplay_srate 16000
ausrc_channels 1
auplay_channels 1
audio_level no
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer {ptime}-{buffer}
rtp_ports {rtp}-{rtp_end}
rtcp_mux yes
jitter_buffer_delay {frames_min}-{frames_max}
rtp_stats yes
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module opus.so
module alsa.so
module_tmp account.so
module_app menu.so
opus_bitrate {bitrate}
opus_stereo no
opus_sprop_stereo no
opus_cbr no
opus_inbandfec yes
opus_dtx no
opus_complexity 10
opus_application voip
opus_samplerate 16000
opus_packet_loss {loss}
statmode_default off
'''
ACCOUNT = '<sip:end{end}@127.0.0.1:{sip}>;regint=0;answermode=auto;ptime={ptime}\n'


class Reception(threading.Thread):
    """Passes INVITE and its answers between two SIP ports and names doors in place of media ports."""

    def __init__(self, port, sips, rtps, doors):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', port))
        self.sips, self.rtps, self.doors = sips, rtps, doors
        self.done = threading.Event()

    def run(self):
        while not self.done.is_set():
            if not select.select([self.socket], [], [], .2)[0]:
                continue
            data, (_, port) = self.socket.recvfrom(65536)
            end = self.sips.index(port) if port in self.sips else 0
            self.socket.sendto(self.rewritten(data, end), ('127.0.0.1', self.sips[not end]))
        self.socket.close()

    def rewritten(self, data, end):
        head, gap, body = data.partition(b'\r\n\r\n')
        body = body.replace(b'm=audio %d ' % self.rtps[end], b'm=audio %d ' % self.doors[end])
        head = re.sub(rb'(?im)^(content-length|l):\s*\d+', b'Content-Length: %d' % len(body), head)
        return head + gap + body


def prepare(folder, end, ports, setting):
    home = folder / f'baresip{end}'
    home.mkdir(parents=True, exist_ok=True)
    frames = max(1, round(setting.slack_ms / setting.packet_ms))
    (home / 'config').write_text(CONFIG.format(
        sip=ports['sip'][end], rtp=ports['home'][end], rtp_end=ports['home'][end] + 2, ptime=setting.packet_ms,
        buffer=setting.slack_ms + 6 * setting.packet_ms, frames_min=frames, frames_max=2 * frames + 4,
        bitrate=max(6000, setting.codec_bps), loss=round(setting.loss_percent)))
    (home / 'accounts').write_text(ACCOUNT.format(end=end, sip=ports['sip'][end], ptime=setting.packet_ms))
    (home / 'contacts').write_text('')
    return home


def start(folder, end, ports, setting, call):
    home = prepare(folder, end, ports, setting)
    env = dict(os.environ, LD_PRELOAD=str(call.build / 'tests/bench/links/libbench_links_card.so'),
               CARD_MIC=str(call.speech / f'said{end}.raw'), CARD_SPEAKER=str(folder / f'heard{end}.raw'),
               CARD_TIMES=str(folder / f'times{end}.json'))
    command = ['baresip', '-f', str(home), '-t', str(int(call.seconds + 15))]
    if end == 0:
        command += ['-e', f'/dial sip:end1@127.0.0.1:{ports["reception"]}']
    log = open(folder / f'baresip{end}.log', 'wb')
    return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT)
