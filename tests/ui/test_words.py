#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page in other languages: nothing is left in English."""
import re
import sys

from desk import Desk, check
from pages import OWNER, PERSON, Tour

LANGUAGES = ("fr", "ar")
# Names and their first letters, the languages' own names, invites and addresses, sound cards, keys,
# and what GTK says itself in this language.
NAMES = re.compile(rf"^(Earshot|{OWNER}|{PERSON}|AB|Kasese|English|Français|Español|Português|Kiswahili|"
                   r"EARSHOT:.*|Minimize|Maximize|Close|[\w.-]+:\d+|desk_mic|desk_speaker|Ctrl\+.)$")
LETTERS = re.compile(r"[A-Za-z]{2}")
# Words that are written alike in both languages.
ALIKE = {"fr": {"Menu", "Notes", "Port", "Expert", "Urgent"}, "ar": set()}
ROLES = ("label", "heading", "status bar", "push button", "toggle button", "list item", "text", "image",
         "check box", "page tab", "menu item", "combo box", "level bar", "slider")


def words_of(tour, into):
    def look(page, window):
        said = set()
        for node in tour().all(role=ROLES):
            for words in (node.name, node.text() if node.role != "text" else ""):
                if LETTERS.search(words) and not NAMES.match(words) and not words.startswith("Gtk"):
                    said.add(words)
        into[page] = said
    return look


def collect(desk, language):
    pages, tours = {}, []
    tours.append(Tour(desk, words_of(lambda: tours[0], pages), language))
    tours[0].first_run()
    tours[0].everyday()
    return pages


def main():
    found = []
    with Desk() as desk:
        english = collect(desk, "")
        for language in LANGUAGES:
            other, count = collect(desk, language), 0
            for page, words in other.items():
                count += len(words)
                if page == "keys":
                    continue  # GTK's own window
                for left in sorted(words & english[page] - ALIKE[language]):
                    found.append(f"{language}, {page}: “{left}”")
                    print("  !!", found[-1], flush=True)
            print(f"{language}: {len(other)} pages, {count} texts with Latin letters", flush=True)
    check(not found, "left in English:\n" + "\n".join(found))


sys.exit(main())
