#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop's keyring: without one a sentence and no wait; with one the program opens without asking,
until that is switched off; another passphrase is kept anew, and another key asks again."""
import os
import re
import shutil
import subprocess
import sys
import time

import steps
from desk import Desk, check, introduce, print_figure, wait_until

SECRET, OTHER = "four words to remember", "four other words to know"
CLINIC, DOCTOR = "Clinic Lomera", "Dr. Amina"
SWITCH = re.compile("^Open without asking")
HOME = re.compile(f"^Call {CLINIC}$")
# Whoever has no keyring waits for none.
AT_ONCE_S = 10


def service(desk, command):
    """What the bus starts for whoever asks for a keyring."""
    folder = os.path.join(desk.run_dir, "dbus-1", "services")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "org.freedesktop.secrets.service"), "w") as file:
        file.write(f"[D-BUS Service]\nName=org.freedesktop.secrets\nExec={command}\n")
    subprocess.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/org/freedesktop/DBus",
                    "--method", "org.freedesktop.DBus.ReloadConfig"], env=desk.env, check=True, stdout=subprocess.DEVNULL)


def start_keyring(desk, laptop):
    """Open, as after a login; on the bus of the desk."""
    child = subprocess.Popen(["gnome-keyring-daemon", "--replace", "--foreground", "--unlock", "--components=secrets"],
                             env={**laptop.env, "XDG_RUNTIME_DIR": desk.run_dir}, stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    desk.children.append(child)
    child.stdin.write(b"of the login")
    child.stdin.close()
    wait_until(lambda: subprocess.run(["gdbus", "wait", "--session", "--timeout", "1", "org.freedesktop.secrets"],
                                      env=laptop.env).returncode == 0, 20, "the keyring")
    return child


def preferences(program):
    steps.go_home(program)
    steps.menu(program, "Preferences")
    program.press("Data", role=("radio button", "toggle button", "page tab", "push button"))


def give_passphrase(program, words, change=False):
    program.press(re.compile("^Change the passphrase" if change else "^Set a passphrase"))
    program.type("Passphrase", words)
    program.type("The same once more", words)
    program.press("Set the passphrase", role="push button")
    program.find("The passphrase is set.", seconds=15)


def switch(program, sentence):
    begin = time.monotonic()
    program.press(SWITCH, role=("check box", "switch", "toggle button"))
    program.find(re.compile(sentence), seconds=25)
    return time.monotonic() - begin


def settle(program, used):
    """Sentences at the bottom are gone soon: what counts is what is kept."""
    program.press(SWITCH, role=("check box", "switch", "toggle button"))
    time.sleep(.5)
    wait_until(lambda: program.laptop.read_settings().get("keyring") == ("true" if used else "false"), 25,
               "the keyring")


def leave(program):
    program.laptop.key("Escape")
    program.quit()


def opens(laptop):
    begin = time.monotonic()
    program = laptop.start().appear()
    program.find(HOME, role="push button", seconds=15)
    print_figure("start to the people, through the keyring", time.monotonic() - begin, "s", 1)
    return program


def asks(laptop, words):
    program = laptop.start().appear()
    program.find("Unlock", role="push button")
    program.type("Passphrase", words)
    program.press("Unlock", role="push button")
    program.find(HOME, role="push button", seconds=15)
    return program


def without(laptop):
    program = laptop.start().appear()
    preferences(program)
    check(not program.has(SWITCH), "a profile without a passphrase needs no keyring")
    give_passphrase(program, SECRET)
    took = switch(program, "^No keyring answers on this desktop")
    print_figure("no keyring, told within", took, "s", 1)
    check(took < AT_ONCE_S, f"{took:.0f} s until nobody answers")
    leave(program)
    # As after a move to a desktop without one.
    laptop.write_settings(keyring=True)
    begin = time.monotonic()
    program = laptop.start().appear()
    program.find(re.compile("^The keyring of this desktop does not open it"))
    took = time.monotonic() - begin
    check(took < AT_ONCE_S, f"{took:.0f} s until it asks")
    program.quit()
    laptop.write_settings(keyring=False)


def silent(laptop):
    """It starts and never answers: nobody waits for it."""
    laptop.write_settings(keyring=True)
    begin = time.monotonic()
    program = asks(laptop, OTHER)
    took = time.monotonic() - begin
    print_figure("a silent keyring, start to the people with the passphrase", took, "s", 1)
    check(took < 2 * AT_ONCE_S, f"{took:.0f} s beside a keyring that never answers")
    program.quit()
    laptop.write_settings(keyring=False)


def kept_and_removed(laptop):
    program = asks(laptop, SECRET)
    preferences(program)
    settle(program, True)
    leave(program)
    program = opens(laptop)
    steps.menu(program, "Lock")
    program.find("Unlock", role="push button")
    time.sleep(2)
    check(program.has("Unlock", role="push button"), "the keyring opens what was locked on purpose")
    program.quit()
    program = opens(laptop)
    preferences(program)
    give_passphrase(program, OTHER, change=True)
    time.sleep(1)  # it is kept anew
    leave(program)
    program = opens(laptop)
    preferences(program)
    settle(program, False)
    leave(program)
    laptop.write_settings(keyring=True)  # nothing is in it any more
    program = laptop.start().appear()
    program.find(re.compile("^The keyring of this desktop does not open it"))
    program.quit()
    laptop.write_settings(keyring=False)


def of_another(laptop):
    """The profile of a backup has another key than the one before it."""
    program = asks(laptop, OTHER)
    preferences(program)
    settle(program, True)
    leave(program)
    aside = laptop.profile + "-aside"
    shutil.copytree(laptop.profile, aside)
    for name in ("store.db", "vault"):
        os.unlink(os.path.join(laptop.profile, name))
    laptop.cli("identity", "--profile", laptop.profile, "--name", "Somebody else")
    laptop.cli("passphrase", "--profile", laptop.profile, stdin=SECRET + "\n")
    program = laptop.start().appear()
    program.find(re.compile("^The keyring of this desktop does not open it"))
    program.type("Passphrase", SECRET)
    program.press("Unlock", role="push button")
    program.find("Nobody to call yet", role="label", seconds=15)
    program.quit()
    shutil.rmtree(laptop.profile)
    os.rename(aside, laptop.profile)


def main():
    with Desk() as desk:
        laptop = desk.laptop("doctor")
        introduce(desk.laptop("clinic"), CLINIC, laptop, DOCTOR)
        service(desk, "/bin/false")
        without(laptop)
        keyring = start_keyring(desk, laptop)
        kept_and_removed(laptop)
        of_another(laptop)
        keyring.kill()
        service(desk, "/bin/sleep 100")
        silent(laptop)


sys.exit(main())
