"""Draws the USB transfers of each server, a group of bars a scenario. Used by compare.py."""

import math

import compare_table
from timeline import WIDTH

LEFT, RIGHT, TOP = 200, 90, 96
BAR, GAP = 11, 14
KINDS = {"OpenOCD HLA": "hla", "OpenOCD dapdirect": "dap", "st-util": "unchecked",
	"stlink-gdb": "ours"}
STYLE = """
	text { font: 12px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #24292f }
	.title { font-size: 17px; font-weight: 600 } .note { fill: #57606a }
	.small { font-size: 11px } .end { text-anchor: end } .mid { text-anchor: middle }
	.hla { fill: #8250df } .dap { fill: #bf8700 } .ours { fill: #0969da }
	.unchecked { fill: #d0d7de } .grid { stroke: #d0d7de }
"""
TITLE = "USB transfers for the same work, on the same board"
NOTE = ("Logarithmic. ST-LINK/V2-1, STM32F401CC, from the board's own books. "
	"st-util never looks whether a transfer succeeded.")


def text(x, y, words, kind=""):
	return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}">{words}</text>'


def scale(transfers, most):
	"""Pixels: logarithmic from 1."""
	return (WIDTH - LEFT - RIGHT) * math.log10(max(transfers, 1.1)) / math.log10(most)


def legend():
	x = LEFT
	for peer, kind in KINDS.items():
		yield f'<rect class="{kind}" x="{x}" y="64" width="12" height="12" rx="2"/>'
		yield text(x + 18, 74, peer + (" (unchecked)" if kind == "unchecked" else ""), "small")
		x += 150


def group(result, name, y, most):
	yield text(LEFT - 10, y + 2 * BAR + 4, compare_table.SCENARIOS[name].replace("`", ""), "end")
	for i, (peer, kind) in enumerate(KINDS.items()):
		cells = compare_table.row(result, peer, name)
		bar_y = y + i * BAR
		if not cells:
			yield text(LEFT + 6, bar_y + BAR - 2, "failed", "small note")
			continue
		width = scale(cells["transfers"], most)
		yield (f'<rect class="{kind}" x="{LEFT}" y="{bar_y}" width="{width:.1f}" '
			f'height="{BAR - 1}" rx="2"/>')
		yield text(LEFT + width + 6, bar_y + BAR - 2, compare_table.number(cells["transfers"]),
			"small note")


def draw(result):
	height = len(KINDS) * BAR + GAP
	bottom = TOP + len(compare_table.SCENARIOS) * height
	most = 10000
	lines = [text(LEFT, 30, TITLE, "title"), text(LEFT, 50, NOTE, "note"), *legend()]
	for power in range(5):
		x = LEFT + scale(10 ** power, most) if power else LEFT
		lines.append(f'<path class="grid" d="M{x:.1f} {TOP - 8}V{bottom}"/>')
		lines.append(text(x, bottom + 14, f"{10 ** power:,}", "note small mid"))
	for i, name in enumerate(compare_table.SCENARIOS):
		lines += group(result, name, TOP + i * height, most)
	return "\n".join([
		f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 32}" role="img">',
		f"<title>{TITLE}</title>", f"<style>{STYLE}</style>",
		f'<rect width="{WIDTH}" height="{bottom + 32}" rx="8" fill="#fff"/>',
		*lines, "</svg>", ""])
