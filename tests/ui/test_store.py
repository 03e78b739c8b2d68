#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept here and cannot be opened: every trouble has its own sentence, a damaged profile is put
back from a backup or begun anew, and what is damaged stays."""
import base64
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import time

import steps
from desk import TOP, Desk, check, introduce, wait_until

SECRET = "four words to remember"
DOCTOR, CLINIC = "Dr. Amina", "Clinic Lomera"
TAKES_S = 20


def at(laptop, name):
    return os.path.join(laptop.profile, name)


def damage(laptop):
    """As a bad disk does; what waits in the log is in the database by then."""
    with open(at(laptop, "store.db"), "r+b") as file:
        file.write(b"\xa5" * 4096)


def backup(laptop):
    path = os.path.join(laptop.env["HOME"], "earshot.backup")
    laptop.cli("backup", "--profile", laptop.profile, path, stdin=SECRET + "\n")
    return path


def choose(program, path):
    """In the dialog of the desktop that opens a file."""
    program.find(re.compile("^_?Open"), role="push button")
    time.sleep(1)  # the dialog fills its list
    program.laptop.focus()
    program.laptop.tool("type", "--delay", "30", path)
    time.sleep(.5)  # it looks for what it may complete
    program.laptop.key("Return")


def in_use(laptop):
    """By earshot-cli, which waits for a passphrase."""
    other = subprocess.Popen([laptop.desk.programs.cli, "backup", "--profile", laptop.profile, "/nowhere/b"],
                             env=laptop.env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: "store.db" in " ".join(os.readlink(f"/proc/{other.pid}/fd/{fd}")
                                                  for fd in os.listdir(f"/proc/{other.pid}/fd")), 10, "the other program")
        program = laptop.start().appear()
        program.find("This profile is in use", role="heading")
        program.find(re.compile("^This profile is open in another Earshot"))
    finally:
        other.stdin.close()
        other.wait(20)
    program.press("Try again", role="push button")
    program.find(re.compile(f"^Call {CLINIC}$"), role="push button", seconds=TAKES_S)
    program.quit()


def set_version(laptop, version):
    """Returns the one before."""
    with contextlib.closing(sqlite3.connect(at(laptop, "store.db"))) as db:
        was = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute(f"PRAGMA user_version={version}")
    return was


def newer(laptop):
    was = set_version(laptop, 99)
    program = laptop.start().appear()
    program.find("This profile is from a newer Earshot", role="heading")
    check(not program.has("Begin anew", role="push button"), "what is not damaged is thrown away")
    program.press("Quit", role="push button")
    wait_until(lambda: not program.is_alive(), 10, "the end of the program")
    program.quit()
    set_version(laptop, was)


def put_back(laptop, path):
    damage(laptop)
    program = laptop.start().appear()
    program.find("This profile is damaged", role="heading")
    for secret, sentence in (("of something else", "This passphrase is not the backup's."), (SECRET, None)):
        program.press("Put a backup back", role="push button")
        choose(program, path)
        program.type("Passphrase", secret)
        program.press("Put it back", role="push button")
        if sentence:
            program.find(sentence, seconds=TAKES_S)
    program.find(re.compile(f"^Call {CLINIC}$"), role="push button", seconds=TAKES_S)
    check(os.path.exists(at(laptop, "store-1.db")), "the damaged file is gone")
    program.quit()


def beside(laptop, path):
    """The backup as a profile of its own, as on another computer; a wrong passphrase leaves none."""
    profiles = os.path.join(laptop.env["XDG_DATA_HOME"], "earshot", "profiles")
    program = laptop.start().appear()
    steps.menu(program, "Switch profile")
    for secret, sentence in (("of something else", "This passphrase is not the backup's."), (SECRET, None)):
        program.press("Put a backup back", role="push button")
        choose(program, path)
        program.type("Passphrase", secret)
        program.press("Put it back", role="push button")
        if sentence:
            program.find(sentence, seconds=TAKES_S)
            check(not os.path.isdir(profiles) or not os.listdir(profiles), "a profile of nothing is left")
    wait_until(lambda: os.path.isdir(profiles) and os.listdir(profiles), TAKES_S, "the profile")
    program.find(re.compile(f"^Call {CLINIC}$"), role="push button", seconds=TAKES_S)
    program.quit()


def found_within(laptop):
    """Damage that opening does not meet: the check beside it does."""
    for _ in range(8):
        laptop.cli("message", "--profile", laptop.profile, "--peer", CLINIC, "-", stdin="many words " * 300)
    with open(at(laptop, "store.db"), "r+b") as file:
        file.seek(-4 * 4096, os.SEEK_END)
        file.write(b"\xa5" * 4 * 4096)
    laptop.write_settings(ended=False)
    program = laptop.start().appear()
    program.find(re.compile(f"^Call {CLINIC}$"), role="push button", seconds=TAKES_S)
    program.find("Part of what is kept here is damaged", seconds=TAKES_S)
    program.press("See what can be done", role="push button")
    program.find("This profile is damaged", role="heading")
    check(program.has("Put a backup back", role="push button"), "no backup is asked for")
    program.quit()


def begin_anew(laptop):
    damage(laptop)
    program = laptop.start().appear()
    program.press("Begin anew", role="push button")
    program.press("Cancel", role="push button")
    program.wait_gone("Begin anew?")
    check(program.has("This profile is damaged", role="heading"), "nobody wanted to begin anew")
    program.press("Begin anew", role="push button")
    program.press("Begin with nothing", role="push button")
    program.find("Your language", role="heading", seconds=TAKES_S)
    check(os.path.exists(at(laptop, "store-2.db")), "the damaged file is gone")
    program.quit()


def from_before(laptop):
    """A profile that the last version without a store has written, settings of its window included."""
    with open(os.path.join(TOP, "tests", "data", "before_store.json")) as file:
        files = json.load(file)
    os.makedirs(laptop.profile, 0o700)
    for name, data in files.items():
        with open(at(laptop, name), "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(base64.b64decode(data))
    program = laptop.start().appear()
    program.find(re.compile(f"^Call {CLINIC}$"), role="push button", seconds=TAKES_S)
    program.find("Nurse Grace")
    program.press("Urgent help", role="push button")
    program.find("0800 12 34")
    program.quit()
    said = laptop.cli("identity", "--profile", laptop.profile)
    check(DOCTOR in said and "77743 64541 34453 51952 14650 25899" in said, f"other keys: {said}")
    settings = laptop.read_settings()
    check(settings.get("currency") == "KES" and settings.get("price-per-mb") == "0.25", f"other settings: {settings}")
    check("urgent-numbers" not in settings and "place" not in settings, "what names patients stays in the clear")
    check(not [name for name in files if name != "settings" and os.path.exists(at(laptop, name))], "old files stay")


def main():
    with Desk() as desk:
        laptop = desk.laptop("doctor")
        introduce(desk.laptop("clinic"), CLINIC, laptop, DOCTOR)
        laptop.start().appear().quit()
        path = backup(laptop)
        in_use(laptop)
        newer(laptop)
        beside(laptop, path)
        put_back(laptop, path)
        found_within(laptop)
        begin_anew(laptop)
        from_before(desk.laptop("upgraded"))


sys.exit(main())
