# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures as lines: name, ratio, what is wanted, and what they came from."""

import dataclasses
import statistics


@dataclasses.dataclass
class Line:
    name: str
    ratio: float
    wanted: float
    note: str
    at_least: bool = False

    def holds(self):
        return self.ratio >= self.wanted if self.at_least else self.ratio <= self.wanted

    def __str__(self):
        sign = ">=" if self.at_least else "<="
        return (f"{self.name:<58} {self.ratio:7.4g}  {sign} {self.wanted:<6g} {'ok' if self.holds() else 'SHORT':<5}  "
                f"{self.note}").rstrip()


median = statistics.median


def medians(values):
    """Median and range, short."""
    return f"{median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def ratios(ours, theirs):
    return [a / b for a, b in zip(ours, theirs)]
