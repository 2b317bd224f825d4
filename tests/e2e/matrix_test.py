"""The fault matrix: every cause that a diagnosis knows, injected on the virtual board at every
moment at which it makes sense, beside its nearest look-alikes. A test is a row of the table in
README.md, which `matrix_test.py --write` plays and writes, all of it or the rows that are named.
"""
import os
import sys

import image
from matrix_cell import CellRunner
from matrix_rows import CELLS, ROWS
from scenario import Scenario, main

README = os.path.join(os.path.dirname(image.TESTS), "README.md")
BEGIN, END = "<!-- matrix: begin -->\n", "<!-- matrix: end -->\n"
HEAD = ("| | trouble | when | named within | look-alike: what is named | verdict |\n"
        "|---|---|---|---|---|---|\n")
MOMENTS = ("attach", "connect", "idle", "load", "erase", "program", "verify", "run")
STEPS_S = (0.1, 0.2, 0.5, 1, 2, 3)
WRITE = "--write" in sys.argv


def distinct(words):
    return list(dict.fromkeys(words))


def within(answers):
    """The longest, rounded up: how long exactly depends on when the server looks."""
    longest = max(answers)
    return next((f"{step} s" for step in STEPS_S if longest <= step), f"{longest:.0f} s")


def moments(cells):
    return ", ".join(moment for moment in MOMENTS if moment in {cell.when for cell in cells})


def line_of(row, answers, wrong):
    """The row's line of the table."""
    cells = [cell for cell in CELLS if cell.row == row]
    real = [cell for cell in cells if not cell.elsewhere]
    others = distinct(f"{cell.what}: {cell.code or '-'}" for cell in cells if cell.elsewhere)
    troubles = distinct(cell.what for cell in real)
    verdict = f"right, {len(cells)} of {len(cells)}" if not wrong else f"**wrong: {wrong}**"
    return (f"| {row} | {ROWS[row]}: {'; '.join(troubles)} | {moments(real)} | {within(answers)} "
            f"| {'; '.join(others) or '-'} | {verdict} |\n")


def shown():
    """README.md: what is before the table, the table, what is behind it."""
    with open(README, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN)
    return before, *rest.split(END)


def without_time(line):
    cells = line.split(" | ")
    return cells[:3] + cells[4:]


class Matrix(Scenario):
    lines = {}

    def play(self, cell):
        """How long the answer took, or what was wrong."""
        try:
            return CellRunner(self, cell, not WRITE).play().answer_s, None
        except AssertionError as error:
            logs = self.server.text() if self.server else ""
            return 0, f"{cell.row} {cell.when}, {cell.what}: {error}\n{logs}"
        finally:
            self.doCleanups()
            self.setUp()

    def play_row(self, row):
        played = [(cell, *self.play(cell)) for cell in CELLS if cell.row == row]
        wrong = [why for _, _, why in played if why]
        answers = [answer for cell, answer, _ in played if not cell.elsewhere]
        line = line_of(row, answers, len(wrong))
        Matrix.lines[row] = line
        print(line, end="")
        self.assertEqual(wrong, [])
        if not WRITE:
            lines = [each for each in shown()[1].splitlines(True) if each.startswith(f"| {row} ")]
            self.assertEqual([without_time(each) for each in lines], [without_time(line)],
                             "run matrix_test.py --write")


for name in ROWS:
    setattr(Matrix, f"test_{name}", lambda self, row=name: self.play_row(row))


def write():
    before, table, after = shown()
    lines = {line[2:6]: line for line in table.splitlines(True) if line.startswith("| FD")}
    lines.update(Matrix.lines)
    table = HEAD + "".join(lines[row] for row in ROWS if row in lines)
    with open(README, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + table + END + after)


if __name__ == "__main__":
    sys.argv = [argument for argument in sys.argv if argument != "--write"]
    try:
        main()
    finally:
        if WRITE:
            write()
