#!/usr/bin/env python3
"""Takes the pictures of the documentation: runs flightdeck in tmux, presses keys, and draws what stands on the screen
as an SVG, colour by colour. Nothing but Python and tmux is needed.

    docs/captures/capture.py target/release/flightdeck            all of PICTURES
    docs/captures/capture.py target/release/flightdeck finally    one of them
"""

import html
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS, ROWS = 160, 45
CELL_WIDTH, LINE_HEIGHT, SIZE = 7.83, 16, 13

# Name: arguments, and what is done before the picture is taken: keys for tmux, or seconds to wait.
PICTURES = {
    "demo": (["demo"], [7]),
    "receipt-vault": (["--embedded", "receipt-vault", "--speed", "60"], [6, "1", 1.5, "production", "y", 24]),
    "finally": (["--embedded", "finally", "--speed", "60"], [6, "1", 2, "production", "y", 24]),
    "product-api": (["--embedded", "product-api", "--speed", "60"], [6, "1", 1.5, "production", "y", 24]),
    "flask-platform": (["--embedded", "flask-platform", "--speed", "60"], [6, "1", 1.5, "production", "y", 24]),
    "calculator": (["--embedded", "calculator-sick", "--speed", "60"], [6, "1", 1.5, "production", "y", 8, "R", 2]),
}
INK, GROUND = "#d6deeb", "#0f1626"
BASIC = [
    *("#000000 #cd3131 #0dbc79 #e5e510 #2472c8 #bc3fbc #11a8cd #e5e5e5".split()),
    *("#666666 #f14c4c #23d18b #f5f543 #3b8eea #d670d6 #29b8db #ffffff".split()),
]


def main(program: str, *wanted: str) -> None:
    for name in wanted or PICTURES:
        arguments, script = PICTURES[name]
        (HERE / f"{name}.svg").write_text(svg(screen(program, arguments, script)), encoding="utf-8")
        print(f"docs/captures/{name}.svg")


def screen(program: str, arguments: list[str], script: list) -> str:
    """What stands on the screen after the script, with its colours as escape sequences."""
    tmux = ["tmux", "-L", "flightdeck-captures", "-f", "/dev/null"]
    run = lambda *command: subprocess.run([*tmux, *command], check=True, capture_output=True, text=True).stdout
    run("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), "-e", "COLORTERM=truecolor", program, *arguments)
    try:
        for step in script:
            if isinstance(step, str):
                run("send-keys", step)
            else:
                time.sleep(step)
        return run("capture-pane", "-p", "-e", "-N")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


def svg(text: str) -> str:
    width, height = COLUMNS * CELL_WIDTH + 16, ROWS * LINE_HEIGHT + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
        f'viewBox="0 0 {width:.0f} {height}" font-size="{SIZE}" '
        'font-family="ui-monospace, \'DejaVu Sans Mono\', Menlo, Consolas, monospace" xml:space="preserve">',
        f'<rect width="100%" height="100%" rx="6" fill="{GROUND}"/>',
    ]
    pen = Pen()
    for row, line in enumerate(text.split("\n")[:ROWS]):
        column = 0
        for run in re.split(r"(\x1b\[[0-9;]*m)", line):
            if run.startswith("\x1b["):
                pen.take(run[2:-1])
            elif run:
                parts += drawn(run, row, column, pen)
                column += len(run)
    return "\n".join([*parts, "</svg>", ""])


def drawn(run: str, row: int, column: int, pen: "Pen") -> list[str]:
    ink, ground = pen.colours()
    x, y = 8 + column * CELL_WIDTH, 8 + row * LINE_HEIGHT
    width = len(run) * CELL_WIDTH
    parts = []
    if ground != GROUND:
        parts.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{LINE_HEIGHT}" fill="{ground}"/>')
    style = ' font-weight="bold"' if pen.bold else ""
    style += ' opacity="0.65"' if pen.dim else ""
    # SVG swallows spaces, so every stretch between two of them is put at its own column.
    for words in re.finditer(r"\S+(?: \S+)*", run):
        x = 8 + (column + words.start()) * CELL_WIDTH
        width = len(words[0]) * CELL_WIDTH
        parts.append(
            f'<text x="{x:.1f}" y="{y + 12}" textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs" '
            f'fill="{ink}"{style}>{html.escape(words[0])}</text>'
        )
    return parts


class Pen:
    """The colours and weight that hold until the next escape sequence."""

    def __init__(self):
        self.take("0")

    def take(self, codes: str) -> None:
        numbers = [int(code or 0) for code in codes.split(";")]
        while numbers:
            code = numbers.pop(0)
            if code == 0:
                self.ink, self.ground, self.bold, self.dim, self.turned = INK, GROUND, False, False, False
            elif code in (1, 22):
                self.bold, self.dim = code == 1, self.dim and code == 1
            elif code == 2:
                self.dim = True
            elif code in (7, 27):
                self.turned = code == 7
            elif code in (38, 48):
                colour = self.extended(numbers)
                self.ink, self.ground = (colour, self.ground) if code == 38 else (self.ink, colour)
            elif code == 39:
                self.ink = INK
            elif code == 49:
                self.ground = GROUND
            elif code // 10 in (3, 9):
                self.ink = BASIC[code % 10 + (8 if code >= 90 else 0)]
            elif code // 10 in (4, 10) and code != 4:
                self.ground = BASIC[code % 10 + (8 if code >= 100 else 0)]

    @staticmethod
    def extended(numbers: list[int]) -> str:
        if numbers.pop(0) == 2:
            red, green, blue = numbers[:3]
            del numbers[:3]
            return f"#{red:02x}{green:02x}{blue:02x}"
        index = numbers.pop(0)
        if index < 16:
            return BASIC[index]
        if index >= 232:
            return "#" + f"{8 + 10 * (index - 232):02x}" * 3
        steps = [0, 95, 135, 175, 215, 255]
        cube = index - 16
        return "#" + "".join(f"{steps[cube // part % 6]:02x}" for part in (36, 6, 1))

    def colours(self) -> tuple[str, str]:
        return (self.ground, self.ink) if self.turned else (self.ink, self.ground)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
