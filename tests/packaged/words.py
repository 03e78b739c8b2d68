#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the words that a recogniser finds in what was said it finds in what was heard, in their
order: words.py SAID.wav HEARD.wav SHARE. Exit status 1 where it is less than SHARE. The recogniser's
own mistakes with the recording count for neither. It knows the 48 words of the sentences read and no
order of them: with all of English it guesses, and finds 72 % of the words in speech of 14 kbit/s
decoded by libopus 1.5.2 and 30 % of it decoded by 1.3.1, where people understand both."""
import difflib
import glob
import re
import subprocess
import sys

TEXT = "/usr/share/pocketsphinx/test/data/librivox/transcription"
DICTIONARY = "/usr/share/pocketsphinx/model/en-us/cmudict*.dict"
GRAMMAR = "/tmp/words.jsgf"
RECOGNISER = ["pocketsphinx_continuous", "-logfn", "/dev/null", "-jsgf", GRAMMAR, "-infile"]


def write_grammar():
    with open(TEXT) as file:
        text = re.sub(r"\([^)]*\)|</?s>", " ", file.read().lower())
    with open(glob.glob(DICTIONARY)[0]) as file:
        known = {line.split()[0] for line in file if line.strip()}
    words = sorted(set(re.findall(r"[a-z']+", text)) & known)
    with open(GRAMMAR, "w") as file:
        file.write(f"#JSGF V1.0;\ngrammar said;\npublic <said> = ( {' | '.join(words)} )+ ;\n")


def words(path):
    done = subprocess.run(RECOGNISER + [path], capture_output=True, text=True, check=True)
    return done.stdout.split()


def main():
    write_grammar()
    said, heard, least = words(sys.argv[1]), words(sys.argv[2]), float(sys.argv[3])
    same = sum(block.size for block in difflib.SequenceMatcher(None, said, heard, False).get_matching_blocks())
    share = same / max(1, len(said))
    print(f"words recognised: {100 * share:.0f} % ({same} of {len(said)}; at least {100 * least:.0f})", flush=True)
    if share < least:
        print("said:  " + " ".join(said) + "\nheard: " + " ".join(heard))
    return 0 if share >= least and len(said) >= 10 else 1


sys.exit(main())
