"""Draws one load as a timeline: what USB, SWD and the flash do at the same time.

Of what load_bench prints as `trace`: the books of the board after each command. Used by bench.py.
"""

from collections import namedtuple

Sample = namedtuple("Sample", "time usb firmware swd erase program sent")
Piece = namedtuple("Piece", "start end share")  # of a lane: busy by `share` from start to end

WIDTH, LEFT, RIGHT, TOP = 960, 112, 24, 104
LANE, GAP = 44, 14
BIN_PX = 2
DATA_LEAST = 256  # bytes in a command that carries data; less is a question
WORD_US = 16

STYLE = """
	text { font: 12px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #24292f }
	.title { font-size: 17px; font-weight: 600 } .note { fill: #57606a }
	.small { font-size: 11px } .end { text-anchor: end } .mid { text-anchor: middle }
	.usb { fill: #0969da } .swd { fill: #8250df } .ring { fill: #1b7c83 }
	.erase { fill: #cf222e } .program { fill: #bf8700 }
	.ask { opacity: .25 } .on { fill: #fff; font-weight: 600 }
	.lane { fill: #f6f8fa } .grid { stroke: #d0d7de } .phase { stroke: #24292f; stroke-width: 1.5 }
"""


def read(text):
	rows = [Sample(*map(int, line.split("\t"))) for line in text.splitlines()]
	return [Sample(row.time - rows[0].time, *row[1:]) for row in rows]


def pairs(samples):
	return zip(samples, samples[1:])


def wire_pieces(samples, busy, carries_data):
	"""The commands that carry data, or those that ask; `busy` picks the time out of a sample."""
	for a, b in pairs(samples):
		if (b.sent - a.sent >= DATA_LEAST) == carries_data and b.time > a.time:
			yield Piece(a.time, b.time, (busy(b) - busy(a)) / (b.time - a.time))


def erase_pieces(samples):
	"""An erase is in the books when it is over."""
	for a, b in pairs(samples):
		if b.erase > a.erase:
			yield Piece(b.time - (b.erase - a.erase), b.time, 1)


def program_pieces(samples):
	for a, b in pairs(samples):
		if b.program > a.program:
			yield Piece(a.time, b.time, min(1, (b.program - a.program) / (b.time - a.time)))


def ring_pieces(samples, start):
	"""What was sent and is not yet programmed: it waits in the chip's RAM."""
	sent, first = 0, samples[0].program
	for a, b in pairs(samples):
		if a.time >= start and b.sent - a.sent >= DATA_LEAST:
			sent += b.sent - a.sent
		waiting = sent - 4 * (b.program - first) / WORD_US
		yield Piece(a.time, b.time, max(0, waiting))


def in_bins(pieces, count, step):
	"""The mean share in each bin of `step` microseconds."""
	bins = [0.0] * count
	for piece in pieces:
		first, last = int(piece.start / step), int(piece.end / step)
		for i in range(first, min(last + 1, count)):
			inside = min(piece.end, (i + 1) * step) - max(piece.start, i * step)
			bins[i] += piece.share * max(0, inside) / step
	return bins


class Drawing:
	def __init__(self, end_us):
		self.end_us = end_us
		self.count = (WIDTH - LEFT - RIGHT) // BIN_PX
		self.step = end_us / self.count
		self.lines = []

	def x(self, us):
		return LEFT + (WIDTH - LEFT - RIGHT) * us / self.end_us

	def add(self, line):
		self.lines.append(line)

	def text(self, x, y, words, kind=""):
		self.add(f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}">{words}</text>')

	def area(self, bins, below, bottom, height, kind):
		"""Steps of these heights (0 to 1), on top of those of `below`."""
		path = ""
		for i, (share, base) in enumerate(zip(bins, below)):
			if share < 0.005:
				continue
			y = bottom - height * min(1, base + share)
			path += f"M{LEFT + i * BIN_PX} {bottom - height * base:.1f}V{y:.1f}h{BIN_PX}V"
			path += f"{bottom - height * base:.1f}z"
		self.add(f'<path class="{kind}" d="{path}"/>')

	def grid(self, bottom):
		for tick in range(0, self.end_us + 1, 250000):
			x = self.x(tick)
			self.add(f'<path class="grid" d="M{x:.1f} {TOP - 8}V{bottom}"/>')
			self.text(x, bottom + 16, f"{tick / 1e6:g} s", "note small mid")


def draw_wire(drawing, samples, bottom, kind, busy):
	empty = [0] * drawing.count
	data = in_bins(wire_pieces(samples, busy, True), drawing.count, drawing.step)
	asking = in_bins(wire_pieces(samples, busy, False), drawing.count, drawing.step)
	drawing.area(data, empty, bottom, LANE, kind)
	drawing.area(asking, data, bottom, LANE, f"{kind} ask")


def draw_ring(drawing, samples, bottom, start):
	pieces = list(ring_pieces(samples, start))
	most = max(piece.share for piece in pieces)
	bins = in_bins((p._replace(share=p.share / most) for p in pieces), drawing.count, drawing.step)
	drawing.area(bins, [0] * drawing.count, bottom, LANE, "ring")
	peak = max(pieces, key=lambda piece: piece.share)
	drawing.text(drawing.x(peak.end) + 8, bottom - 8, f"{most / 1024:.0f} KiB", "on small")


def draw_erases(drawing, pieces, bottom):
	for number, piece in enumerate(pieces):
		x, width = drawing.x(piece.start), drawing.x(piece.end) - drawing.x(piece.start)
		drawing.add(f'<rect class="erase" x="{x:.1f}" y="{bottom - LANE}" width="{width:.1f}" '
			f'height="{LANE}" rx="3"/>')
		drawing.text(x + width / 2, bottom - LANE / 2 - 2, f"sector {number}", "on small mid")
		drawing.text(x + width / 2, bottom - LANE / 2 + 13,
			f"{(piece.end - piece.start) / 1000:.0f} ms", "on small mid")


def draw_phases(drawing, marks):
	for (start, name), (end, _) in zip(marks, marks[1:]):
		left, right = drawing.x(start), drawing.x(end)
		drawing.add(f'<path class="phase" d="M{left + 1:.1f} {TOP - 12}v-6H{right - 1:.1f}v6" '
			'fill="none"/>')
		drawing.text((left + right) / 2, TOP - 24, name, "small mid")


def programmed_until(samples, words_left):
	"""When all but the last `words_left` words were in the flash."""
	last = samples[-1].program - words_left * WORD_US
	return next(row.time for row in samples if row.program >= last)


def draw(text, title, note):
	samples = read(text)
	end = samples[-1].time
	erases = list(erase_pieces(samples))
	drawing = Drawing(end)
	lanes = [
		("USB", lambda y: draw_wire(drawing, samples, y, "usb", lambda s: s.usb + s.firmware)),
		("SWD", lambda y: draw_wire(drawing, samples, y, "swd", lambda s: s.swd)),
		("waiting in RAM", lambda y: draw_ring(drawing, samples, y, erases[0].start)),
		("flash erases", lambda y: draw_erases(drawing, erases, y)),
		("flash programs", lambda y: drawing.area(
			in_bins(program_pieces(samples), drawing.count, drawing.step),
			[0] * drawing.count, y, LANE, "program")),
	]
	bottom = TOP + len(lanes) * (LANE + GAP) - GAP
	for i in range(len(lanes)):
		drawing.add(f'<rect class="lane" x="{LEFT}" y="{TOP + i * (LANE + GAP)}" '
			f'width="{WIDTH - LEFT - RIGHT}" height="{LANE}"/>')
	drawing.grid(bottom + 4)
	for i, (name, lane) in enumerate(lanes):
		y = TOP + i * (LANE + GAP) + LANE
		drawing.text(LEFT - 10, y - LANE / 2 + 4, name, "end")
		lane(y)
	written = programmed_until(samples, 2)
	draw_phases(drawing, [(0, "compare"), (erases[0].start, "erase and write"),
		(written, "verify"), (end, "")])
	drawing.text(LEFT, 30, title, "title")
	drawing.text(LEFT, 50, note, "note")
	return "\n".join([
		f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 32}" role="img">',
		f"<title>{title}</title>", f"<style>{STYLE}</style>",
		f'<rect width="{WIDTH}" height="{bottom + 32}" rx="8" fill="#fff"/>',
		*drawing.lines, "</svg>", ""])
