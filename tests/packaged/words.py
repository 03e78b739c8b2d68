#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the words that a recogniser finds in what was said it finds in what was heard, in their
order: words.py SAID.wav HEARD.wav SHARE. Exit status 1 where it is less than SHARE. The recogniser's
own mistakes with the recording count for neither."""
import difflib
import subprocess
import sys

# PocketSphinx, with its English model and no more words than it brings.
RECOGNISER = ["pocketsphinx_continuous", "-logfn", "/dev/null", "-infile"]


def words(path):
    done = subprocess.run(RECOGNISER + [path], capture_output=True, text=True, check=True)
    return done.stdout.split()


def main():
    said, heard, least = words(sys.argv[1]), words(sys.argv[2]), float(sys.argv[3])
    same = sum(block.size for block in difflib.SequenceMatcher(None, said, heard, False).get_matching_blocks())
    share = same / max(1, len(said))
    print(f"words recognised: {100 * share:.0f} % ({same} of {len(said)}; at least {100 * least:.0f})", flush=True)
    if share < least:
        print("said:  " + " ".join(said) + "\nheard: " + " ".join(heard))
    return 0 if share >= least and len(said) >= 10 else 1


sys.exit(main())
