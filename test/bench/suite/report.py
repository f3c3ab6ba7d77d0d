# SPDX-License-Identifier: MIT
"""The table and the plot."""
from statistics import median

COLOURS = ['#8a8f98', '#1668c5', '#3a9d5d', '#c58b16', '#a33d3d']


def ratios(values, base):
    """median (least–most) of the ratios of two servers' rounds."""
    found = sorted(value / other for value, other in zip(values, base))
    return spread(found)


def spread(values):
    values = sorted(values)
    return f'{median(values):.2f} ({values[0]:.2f}–{values[-1]:.2f})'


def table(results, names, unit):
    """Of {load: {server: values}}: the first server's median, the others over it."""
    rows = ['| load | ' + ' | '.join(names) + ' |', '| --- |' + ' --- |' * len(names)]
    for load, found in results.items():
        base = found[names[0]]
        cells = [f'{median(base) / 1000:.1f} {unit}']
        cells += [ratios(found[name], base) if name in found else '–' for name in names[1:]]
        rows.append(f'| {load} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(rows)


def plot(results, names):
    """Bars of the median ratios, a group for each load; drawn without any library."""
    groups = [(load, [(name, median(x / y for x, y in zip(found[name], found[names[0]])))
                      for name in names if name in found]) for load, found in results.items()]
    most = max(ratio for _, bars in groups for _, ratio in bars)
    left, width, y, out = 150, 430, 16, []
    for load, bars in groups:
        out.append(f'<text x="{left}" y="{y + 12}" font-weight="bold">{load}</text>')
        y += 20
        for name, ratio in bars:
            length = width * ratio / most
            out.append(
                f'<text x="{left - 8}" y="{y + 11}" text-anchor="end">{name}</text>'
                f'<rect x="{left}" y="{y}" width="{length:.1f}" height="14" rx="2" '
                f'fill="{COLOURS[names.index(name)]}"/>'
                f'<text x="{left + length + 6:.1f}" y="{y + 11}">{ratio:.2f}</text>')
            y += 18
        y += 12
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {y}" width="640" height="{y}" '
            'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
            + ''.join(out) + '</svg>\n')
