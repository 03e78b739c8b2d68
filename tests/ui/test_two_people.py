#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people: invite, call, talk, an outage, goodbye; then a missed call, a declined one, and
one that ends while the line is gone."""
import re
import sys
import time

import speech
import steps
from desk import Desk, check, introduce, print_figure

# As DESIGN promises, and a look at the screen.
TOLD_S = 2.0 + 0.3
OUTAGE_S = 6.0
# Somebody who comes back is asked for within five seconds, and a message takes its time on edge.
COMES_S = 60


def invite(clinic, doctor):
    text = steps.make_invite(doctor, "Clinic Lomera")
    check(len(text) > 100, f"this is no invite: {text}")
    steps.take_invite(clinic, text, "Dr. Amina")
    # Whoever took the invite calls first: the inviter does not know where they are.
    seconds = steps.call(clinic, "Dr. Amina", doctor, "Clinic Lomera")
    print_figure("launch to ringing", 1, "click, 0 typed characters", 0)
    print_figure("click to ringing", seconds, "s")


def talk(clinic, doctor, sentences):
    steps.answer(doctor)
    print_figure("answer", 1, "click", 0)
    steps.talk(clinic, doctor)
    for talker, listener, wav in ((clinic, doctor, sentences[0]), (doctor, clinic, sentences[1])):
        likeness, other = steps.say_and_hear(talker, listener, wav)
        print_figure(f"likeness of what {listener.laptop.name} hears, next best sentence {other:.2f}",
                     likeness, "")


def mute(clinic, doctor, sentences):
    clinic.press("Mute")
    doctor.find(re.compile("^They have muted"), seconds=5)
    clinic.find(re.compile("^You are muted: they do not hear you"))
    ear = doctor.laptop.listen()
    clinic.laptop.speak(sentences[2]).wait()
    time.sleep(2)
    best = speech.likeness(speech.load(sentences[2]), ear.stop())
    check(best < steps.LIKE, f"a muted microphone is heard: likeness {best:.2f}")
    clinic.press(re.compile("^You are muted. Press to speak"))
    doctor.wait_gone(re.compile("^They have muted"))


def write(clinic, doctor):
    clinic.type("Text for their screen", "Café 24 at noon")
    clinic.press("Send")
    doctor.find("Café 24 at noon", seconds=8)
    clinic.find(re.compile("on their screen"), seconds=8)


def outage(clinic, doctor, line, sentences):
    told = {program: program.find(role="status bar") for program in (clinic, doctor)}
    line.cut()
    begin = time.monotonic()
    while told and time.monotonic() < begin + 6:
        for program, sentence in list(told.items()):
            if sentence.text().startswith("The line is gone"):
                seconds = time.monotonic() - begin
                print_figure(f"outage to the sentence at {program.laptop.name}", seconds, "s")
                check(seconds <= TOLD_S, f"{program.laptop.name} is told after {seconds:.1f} s")
                del told[program]
    check(not told, "nobody is told of the outage")
    for program in (clinic, doctor):
        check(steps.light(program) == "The line is gone",
              f"the light of {program.laptop.name} says “{steps.light(program)}” in an outage")
    for name in ("Mute", "Hang up"):
        check(clinic.has(name), f"in an outage there is no {name}")
    time.sleep(max(OUTAGE_S - (time.monotonic() - begin), 0))
    line.heal()
    back = max(steps.wait_words(program, steps.CARRIES, 15)[0] for program in (clinic, doctor))
    print_figure("line back to the sentence", back, "s")
    likeness, _ = steps.say_and_hear(clinic, doctor, sentences[3])
    print_figure("likeness after the outage", likeness, "")


def goodbye(clinic, doctor):
    steps.hang_up(clinic)
    for program in (clinic, doctor):
        program.find("Done", role="push button")
        said = " ".join(steps.words_on(program))
        check("one gap" in said or "1 gap" in said, f"the card does not tell of the gap: {said}")
        check(re.search(r"\d (kB|MB)", said), f"the card does not tell the data: {said}")
        program.press("Done")
    rows = steps.history(clinic)
    check(len(rows) == 1 and "Dr. Amina" in rows[0] and "You called" in rows[0], f"the history says {rows}")
    steps.go_home(clinic)
    rows = steps.history(doctor)
    check(len(rows) == 1 and "They called" in rows[0], f"the history says {rows}")
    steps.go_home(doctor)


def missed(clinic, doctor):
    steps.call(clinic, "Dr. Amina", doctor, "Clinic Lomera")
    clinic.press("Stop calling")
    for program in (clinic, doctor):
        program.press("Done", role="push button")
    doctor.find(re.compile("^1 missed call"), seconds=5)
    rows = steps.history(doctor)
    check("Missed call" in rows[0], f"the missed call is not in the history: {rows}")
    steps.go_home(doctor)
    doctor.wait_gone(re.compile("^1 missed call"), seconds=5)


def decline(clinic, doctor):
    steps.call(clinic, "Dr. Amina", doctor, "Clinic Lomera")
    doctor.press("Decline")
    clinic.find("Done", role="push button")
    ending = clinic.find(role="status bar").text()
    check("Dr. Amina" in ending or "They" in ending or "declined" in ending, f"the ending says {ending}")
    print(f"who was declined reads: {ending}")
    for program in (doctor, clinic):
        program.press("Done", role="push button")


def unheard(clinic, doctor, line, sentence, asked):
    """The line dies while somebody speaks: it becomes a message, and nobody says it again; asked
    after the call, or with one button while the line is gone."""
    steps.call(clinic, "Dr. Amina", doctor, "Clinic Lomera")
    steps.answer(doctor)
    steps.talk(clinic, doctor)
    time.sleep(1)
    line.cut()
    clinic.laptop.speak(sentence).wait()
    time.sleep(1)
    if asked:
        steps.hang_up(clinic)
        clinic.find(re.compile("of what you said did not arrive"))
        clinic.press("Send it as a message")
    else:
        clinic.press("Leave as message")
        clinic.find("Anything they did not hear is sent as a voice message.")
    clinic.wait_gone(re.compile("of what you said did not arrive"))
    steps.hang_up(doctor)
    for program in (doctor, clinic):
        program.press("Done", role="push button")
    line.heal()
    doctor.press("1 new message", role="push button", seconds=COMES_S)
    doctor.find(re.compile("^Voice message, "), role="label")
    ear = doctor.laptop.listen()
    time.sleep(.3)
    doctor.press("Play this voice message", role="push button")
    doctor.find("Stop", role="push button")
    doctor.wait_gone("Stop", role="push button", seconds=COMES_S)
    best, likeness, next_best = speech.recognise(ear.stop())
    check(best == sentence and likeness >= steps.LIKE,
          f"what did not arrive sounds like {best}: {likeness:.2f}, next {next_best:.2f}")
    print_figure("likeness of what did not arrive, as a message", likeness, "")
    steps.go_home(doctor)


def main():
    sentences = speech.sentences()
    with Desk(notices=False) as desk:
        laptops = desk.laptop("clinic"), desk.laptop("doctor")
        line = desk.link(*laptops, link="edge")
        for laptop, name in zip(laptops, ("Clinic Lomera", "Dr. Amina")):
            laptop.set_up(name, addresses=[f"127.0.0.1:{laptop.door}"])
        clinic, doctor = (laptop.start() for laptop in laptops)
        clinic.appear(), doctor.appear()
        invite(clinic, doctor)
        talk(clinic, doctor, sentences)
        mute(clinic, doctor, sentences)
        write(clinic, doctor)
        outage(clinic, doctor, line, sentences)
        goodbye(clinic, doctor)
        missed(clinic, doctor)
        decline(clinic, doctor)
        unheard(clinic, doctor, line, sentences[1], True)
        unheard(clinic, doctor, line, sentences[1], False)


sys.exit(main())
