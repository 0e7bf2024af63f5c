"""`python -m lab.corpus [--write]`: make all cases, ask the finders, print or document it."""

import sys
from pathlib import Path

from lab.corpus.build import CASES, make
from lab.corpus.finders import Answer, ask_checkrestart, ask_insvc, ask_needrestart
from lab.corpus.judge import disagreements, figures, judge, misattributed, table
from lab.host import Host
from lab.image import build
from lab.machine import CHECKOUT

PAGE = CHECKOUT / "docs" / "staleness-corpus.md"
HEAD = Path(__file__).with_name("head.md")


def main(words: list[str]) -> int:
    """Make the corpus and print the outcome, or write the page; 1 where insvc is wrong anywhere."""
    build(["languages"])
    with Host("corpus", layer="languages") as host:
        pids = make(host)
        ask_insvc(host)  # its first run in a host compiles what it imports
        answers: list[Answer] = [ask_insvc(host), ask_needrestart(host), ask_checkrestart(host)]
    scores = [judge(answer, CASES, pids) for answer in answers]
    wrong = "\n\n## Disagreements with the truth\n\n" + disagreements(CASES, scores) + "\n"
    text = figures(CASES, scores) + "\n\n## The cases\n\n" + table(CASES, scores) + wrong
    if "--write" in words:
        PAGE.write_text(HEAD.read_text(encoding="utf-8") + text, encoding="utf-8")
    else:
        print(text)
    for score in scores:
        print(f"{score.finder}: {score.took_s:.2f} s", file=sys.stderr)
    print("blamed on another owner:", misattributed(answers[0], CASES, pids), file=sys.stderr)
    return int(bool(scores[0].missed or scores[0].alarms))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
