# SPDX-License-Identifier: MIT
"""The tables and the plot."""
from statistics import median

COLOURS = ['#8a8f98', '#1668c5', '#3a9d5d', '#c58b16', '#a33d3d', '#6b4fa0']


def spread(values, digits=2):
    """median (least–most)."""
    values = sorted(values)
    return f'{median(values):.{digits}f} ({values[0]:.{digits}f}–{values[-1]:.{digits}f})'


def ratios(values, base):
    """The same of the ratios of two servers' rounds."""
    return spread([value / other for value, other in zip(values, base)])


def columns(names):
    """Pairs of servers: each over the first, and Costrix over what it is measured against."""
    first, *others = names
    pairs = [(name, first) for name in others]
    return pairs + [('Costrix', name) for name in others if name.startswith('before')]


def table(results, names, anyway=False):
    """CPU per command: a row a case. One whose medians would mislead says why instead, unless `anyway`."""
    pairs = columns(names)
    heads = [f'{names[0]}, µs'] + [f'{one} / {other}' for one, other in pairs]
    rows = ['| load | ' + ' | '.join(heads) + ' |', '| --- |' + ' --- |' * len(heads)]
    for measured in results:
        reasons = measured.reasons()
        if reasons and not (anyway and measured.base()):
            cells = ['refused: ' + '; '.join(reasons)] + [''] * len(pairs)
        else:
            cells = [spread([time / 1000 for time in measured.base()], 1) + (' (noisy)' if reasons else '')]
            cells += [spread(measured.ratios(one, other)) if one in measured.times else '–'
                      for one, other in pairs]
        rows.append(f'| {measured.case.name} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(rows)


def waits(results, names):
    """Connect to first command, p50: a row a case that is quiet enough."""
    rows = [f'| load | {names[0]}, ms | ' + ' | '.join(names[1:]) + ' |', '| --- |' + ' --- |' * len(names)]
    for measured in results:
        base = measured.waits[names[0]]
        cells = [f'{median(base) / 1000:.1f}']
        cells += [ratios(measured.waits[name], base) if name in measured.waits else '–' for name in names[1:]]
        rows.append(f'| {measured.case.name} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(rows)


def plot(results, names):
    """Bars of the median ratios, a group for each case; drawn without any library."""
    groups = [(measured.case.name, [(name, median(measured.ratios(name, names[0])))
                                    for name in names if name in measured.times]) for measured in results]
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
