"""What the comparison has to show. Used by compare.py; figures are those of compare.json."""

from compare_table import CHECKED, OURS, SCENARIOS, row

OPENOCD = tuple(peer for peer in CHECKED if peer != OURS)

# Scenario, figure, and the most of it as a share of each OpenOCD's.
SHARES = (
	("load-dirty", "modelled_ms", 0.6),
	("load-unchanged", "modelled_ms", 0.1),
	("stepi", "transfers", 0.1),
)


def behind(result, name):
	"""Peers that check and need fewer transfers than we do. As many is let pass: the server looks at
	the target's voltage every now and then, which is two transfers for whoever is measured then."""
	ours = row(result, OURS, name)
	for peer in OPENOCD:
		theirs = row(result, peer, name)
		if ours and theirs and theirs["transfers"] < ours["transfers"]:
			yield f"{name}: {ours['transfers']} transfers, {peer} {theirs['transfers']}"


def over(result, name, figure, share):
	ours = row(result, OURS, name)
	for peer in OPENOCD:
		theirs = row(result, peer, name)
		if ours and theirs and ours[figure] > share * theirs[figure]:
			yield f"{name}: {figure} {ours[figure]}, more than {share} x {theirs[figure]} of {peer}"


def missed(result):
	"""A line for each limit that is missed, and for each scenario that was not measured."""
	lines = [f"{name}: no figure of {peer}" for name in SCENARIOS for peer in CHECKED
		if not row(result, peer, name)]
	for name in SCENARIOS:
		lines += behind(result, name)
	for limit in SHARES:
		lines += over(result, *limit)
	return lines
