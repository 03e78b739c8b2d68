#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad line between two people: turns by key, a safer way, an outage that is caught up, a longer one
that is played later, and what the card of the call tells of it."""
import re
import sys
import time

import numpy

import speech
import steps
from desk import Desk, check, introduce, print_figure, wait_until

SPOKEN = ("status bar", "label")
# Speech of this length is kept in an outage and caught up in one go; of that it is offered.
SHORT_S, LONG_S = 6.0, 14.0
BACK_S = 20.0
TURNS = 3  # its row on the expert page
DRAWN_S = 0.6
TABS = 30
# The line counts as lost within 2 s; a recorder begins up to a second late.
TONE_S = 3.0
FALLS, RISES = (262, 196), (196, 262)  # Hz: the line is gone, and back
# Caught up at 1.33 times the pace, and with pauses cut.
HEARD_LEAST = 0.55


def sentence(program, pattern, seconds=10):
    return program.find(re.compile(pattern), role=SPOKEN, seconds=seconds)


def choose_way(program, row):
    """Holds a way of talking on the expert page: row 0 is none, 3 is taking turns."""
    program.key("ctrl+comma")
    program.press(re.compile("^Expert"), role=("tab", "page tab"))
    way = program.find("Way of talking", role="combo box")
    time.sleep(DRAWN_S)
    program.tree.press_node_by_hand(way)
    time.sleep(DRAWN_S)
    program.laptop.key("Home", *["Down"] * row, "Return")
    time.sleep(DRAWN_S)
    program.laptop.key("Escape")
    program.wait_gone("Way of talking", role="combo box")


def steadier(clinic, doctor):
    """One press goes to the next safer way, the second gives it back."""
    clinic.press("Steadier", role="push button")
    on = clinic.find("Steadier: on", role="push button")
    check(on.is_on(), "Steadier is on, and its button is not pressed")
    clinic.key("t")
    wait_until(lambda: not clinic.find(re.compile("^Steadier"), role="push button").is_on(), 5, "Steadier off by its key")


def reach(program, *names):
    """Each is a target for a hand in a hurry, and Tab comes to it."""
    for name in names:
        check(steps.is_hit(program.find(name, role="push button")), f"{name} is too small to be hit")
    left = set(names)
    for _ in range(TABS):
        left -= {node.name for node in program.all(role="push button") if node.is_focused()}
        if not left:
            return
        program.key("Tab")
    check(False, f"Tab does not come to {', '.join(left)}")


def turns(clinic, doctor, sentences):
    choose_way(clinic, TURNS)
    for program in (clinic, doctor):
        sentence(program, "^Take turns: one speaks at a time")
        program.find("My turn", role="push button")
    reach(doctor, "My turn", "Steadier", "Mute", "Hang up")
    begin = time.monotonic()
    clinic.key("space")
    sentence(clinic, "^Your turn")
    print_figure("Space to the sentence", time.monotonic() - begin, "s")
    clinic.find("Over", role="push button")
    sentence(doctor, "^Their turn: your microphone waits")
    likeness, _ = steps.say_and_hear(clinic, doctor, sentences[0])
    print_figure("likeness in turns", likeness, "")
    silent(doctor, clinic, sentences[1])
    doctor.key("space")
    sentence(doctor, "^Their turn. You are next")
    clinic.key("space")
    sentence(doctor, "^Your turn")
    sentence(clinic, "^Their turn")
    likeness, _ = steps.say_and_hear(doctor, clinic, sentences[1])
    print_figure("likeness of the answer", likeness, "")
    write_spaces(doctor)
    doctor.press("Over", role="push button")
    sentence(clinic, "^Take turns")
    clinic.key("t")  # held until now
    for program in (clinic, doctor):
        program.wait_gone("My turn", role="push button")


def silent(talker, listener, wav):
    """It is not their turn: nobody hears them."""
    ear = listener.laptop.listen()
    talker.laptop.speak(wav).wait()
    time.sleep(2)
    best = speech.likeness(speech.load(wav), ear.stop())
    check(best < steps.LIKE, f"a microphone that waits is heard: likeness {best:.2f}")


def write_spaces(program):
    """Where one writes, Space is a space."""
    node = program.find("Text for their screen", role=("text", "entry"))
    program.tree.press_node_by_hand(node)
    program.key("a", "space", "b")
    wait_until(lambda: node.text() == "a b", 5, "a space in a text")
    sentence(program, "^Your turn")
    node.write("")


def sounding_s(samples):
    """Seconds with speech in them."""
    frames = samples[:len(samples) // speech.FRAME * speech.FRAME].reshape(-1, speech.FRAME)
    return (abs(frames).max(1) > speech.LOUD).sum() * speech.FRAME / speech.RATE_HZ


def check_heard(heard, wav, times, what):
    """Nobody spoke meanwhile: what sounds is what was kept."""
    share = sounding_s(heard) / (times * sounding_s(speech.load(wav)))
    print_figure(f"of {what}, heard", share * 100, "%", 0)
    check(share >= HEARD_LEAST, f"of {what} {share * 100:.0f} % are heard")


def tones(samples):
    """Pairs of notes that follow each other: when the first begins, in s, and which they are."""
    step, found, last = speech.RATE_HZ // 20, [], None
    for at in range(0, len(samples) - 2 * step, step):
        part = samples[at:at + 2 * step]
        spectrum = abs(numpy.fft.rfft(part * numpy.hanning(2 * step), speech.RATE_HZ))
        note = int(spectrum[150:1000].argmax()) + 150
        note = next((hz for hz in FALLS if abs(note - hz) < 12 and abs(part).max() > speech.LOUD), None)
        if note and last and note != last[1]:
            found.append((last[0], (last[1], note)))
            last = None
        elif note and not last:
            last = (at / speech.RATE_HZ, note)
        elif not note:
            last = None
    return found


def check_tones(samples, cut_s):
    """Who speaks into an outage hears again and again that the line is gone, and once that it is back."""
    heard = tones(samples)
    print("tones:", ", ".join(f"{'falling' if pair == FALLS else 'rising'} at {at - cut_s:.1f} s" for at, pair in heard))
    check(heard and heard[0][1] == FALLS and heard[0][0] - cut_s <= TONE_S, "no tone says in time that the line is gone")
    check([pair for _, pair in heard].count(FALLS) >= 2, "the tone of a line that is gone is not repeated")
    check([pair for _, pair in heard].count(RISES) == 1 and heard[-1][1] == RISES, "no tone says that the line is back")


def speak_into_outage(talker, wav, line, seconds):
    line.cut()
    begin = time.monotonic()
    sentence(talker, "^The line is gone. Keep talking: it is being kept")
    times = 0
    while time.monotonic() < begin + seconds:
        talker.laptop.speak(wav).wait()
        times += 1
    return times


def short_outage(clinic, doctor, line, sentences):
    ear_there, begin = clinic.laptop.listen(), time.monotonic()
    time.sleep(1)
    cut_s = time.monotonic() - begin
    times = speak_into_outage(clinic, sentences[2], line, SHORT_S)
    ear = doctor.laptop.listen()
    line.heal()
    begin = time.monotonic()
    said = sentence(doctor, r"^Catching up: \d+ s behind", seconds=BACK_S).text()
    print_figure("line back to catching up", time.monotonic() - begin, "s")
    print(f"the listener reads: {said}")
    check(doctor.has("Skip to now", role="push button"), "catching up cannot be skipped")
    doctor.wait_gone(re.compile("^Catching up"), seconds=BACK_S)
    print_figure("line back to live", time.monotonic() - begin, "s")
    check_heard(ear.stop(), sentences[2], times, "what was said into the outage")
    check_tones(ear_there.stop(), cut_s)


def long_outage(clinic, doctor, line, sentences):
    times = speak_into_outage(clinic, sentences[3], line, LONG_S)
    line.heal()
    begin = time.monotonic()
    said = sentence(doctor, r"^\d+ s you missed. Hear them now", seconds=60).text()
    print_figure("line back to the offer", time.monotonic() - begin, "s")
    print(f"the listener reads: {said}")
    reach(doctor, "Play", "Later")
    doctor.press("Later", role="push button")
    doctor.find("Play what you missed", role="push button")
    ear = doctor.laptop.listen()
    doctor.press("Play what you missed", role="push button")
    sentence(doctor, "^You hear what you missed")
    doctor.press("Stop playing", role="push button")
    doctor.wait_gone(re.compile("^You hear what you missed"))
    doctor.press("Play what you missed", role="push button")
    sentence(doctor, "^You hear what you missed")
    doctor.wait_gone(re.compile("^You hear what you missed"), seconds=60)
    check_heard(ear.stop(), sentences[3], times, "what was missed")


def goodbye(clinic, doctor):
    steps.hang_up(clinic)
    for program in (clinic, doctor):
        program.find("Done", role="push button")
        said = " ".join(steps.words_on(program))
        check("2 gaps" in said, f"the card does not tell of the gaps: {said}")
        check(re.search(r"(You heard all that they said|Lost speech)", said), f"the card does not tell what was heard: {said}")
        print("the card says:", "; ".join(word for word in steps.words_on(program) if re.search("heard|hear|Lost|gaps", word)))
        program.press("Done")


def main():
    sentences = speech.sentences()
    with Desk(notices=False) as desk:
        clinic, doctor = desk.laptop("clinic"), desk.laptop("doctor")
        line = desk.link(clinic, doctor, link="edge")
        introduce(clinic, "Clinic Lomera", doctor, "Dr. Amina")
        clinic, doctor = (laptop.start().appear() for laptop in (clinic, doctor))
        steps.call(clinic, "Dr. Amina", doctor, "Clinic Lomera")
        steps.answer(doctor)
        steps.talk(clinic, doctor)
        steadier(clinic, doctor)
        turns(clinic, doctor, sentences)
        short_outage(clinic, doctor, line, sentences)
        long_outage(clinic, doctor, line, sentences)
        goodbye(clinic, doctor)


sys.exit(main())
