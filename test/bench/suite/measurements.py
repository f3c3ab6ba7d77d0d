# SPDX-License-Identifier: MIT
"""What else is measured. Servers take turns: only ratios within a round mean anything."""
import contextlib
import dataclasses
import time

from .server import ALL_CORES, Load, Server, cpu_per_command


def deadlines(program, rounds):
    """CPU of the ten commands with a deadline on each, over that without: a ratio a round."""
    ratios = []
    with Server(program) as server:
        for turn in range(2 * rounds + 1):
            spent = {}
            paths = ('bench', 'deadlines') if turn % 2 else ('deadlines', 'bench')
            for path in paths:
                spent[path], _ = cpu_per_command(server, path, sessions=64, calls=4000)
            if turn > 0:
                ratios.append(spent['deadlines'] / spent['bench'])
    return ratios


def variant(program, name, *options):
    """The same program, started otherwise."""
    return dataclasses.replace(program, name=name, command=(*program.command, *options))


def threads(program, rounds):
    """CPU per command of two threads over that of one: both on all cores, as is the load."""
    ratios = []
    with Server(program, cores=ALL_CORES) as one, \
            Server(variant(program, 'two threads', '--threads', 2), cores=ALL_CORES) as two:
        for turn in range(rounds + 1):
            spent = [cpu_per_command(server, 'bench', sessions=64, calls=4000, cores=ALL_CORES)[0]
                     for server in (one, two)]
            if turn > 0:
                ratios.append(spent[1] / spent[0])
    return ratios


def guests(program, rounds, sessions):
    """{'one': …, 'many': …}: CPU per command of a guest on a program's own io_context with one thread,
    told or not told that it is one, over that of run(): a ratio a round."""
    ratios = {'one': [], 'many': []}
    with Server(variant(program, 'run()')) as own, \
            Server(variant(program, 'one', '--guest', 'one')) as one, \
            Server(variant(program, 'many', '--guest', 'many')) as many:
        servers = [own, one, many]
        for turn in range(rounds + 1):
            spent = {server.name: cpu_per_command(server, 'bench', sessions=sessions, calls=5000)[0]
                     for server in servers}
            servers.append(servers.pop(0))  # nobody is always the first
            for name in ratios if turn > 0 else ():
                ratios[name].append(spent[name] / spent['run()'])
    return ratios


def memory(program, counts, pause=1):
    """Bytes of a session that is held in its only command, at each count; and resident memory when
    all have ended, over that before the first. `pause` is what the server gets to settle, in seconds."""
    with Server(program) as server:
        Load(server, 'bench', sessions=64, calls=640).result()
        time.sleep(pause)
        base = server.resident()
        held = []
        for count in counts:
            load = Load(server, 'short', sessions=count, calls=count, hold=3 * pause)
            load.await_held()
            time.sleep(2 * pause)
            held.append((server.resident() - base) / count)
            load.result()
            time.sleep(pause)
        time.sleep(2 * pause)
        return held, server.resident() / base


def steady(programs, rounds, held=10000):
    """{program: p99 of the turn-around in µs of each round}, 2,000 commands a second for 5 s beside
    `held` sessions that wait."""
    found = {program.name: [] for program in programs}
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server(program)) for program in programs]
        for _ in range(rounds):
            for server in servers:
                others = Load(server, 'bench', sessions=held, calls=held, hold=600)
                others.await_held()
                time.sleep(1)
                figures = Load(server, 'bench', sessions=1000, calls=1000, rate=200).result()
                found[server.name].append(figures['turn-around']['p99'])
                others.cancel()
                time.sleep(1)
    return found


def burst(program, calls=5000):
    """The p99 in µs of the first command when so many calls are begun in one second; a refusal or a
    reset ends the run."""
    with Server(program) as server:
        load = Load(server, 'bench', sessions=calls, calls=calls, rate=calls)
        return load.result()['first command']['p99']
