# SPDX-License-Identifier: MIT
"""What is measured: this tree's servers, those of another revision or build, and peers."""
import pathlib
import shutil
import subprocess
import sys

from .server import BENCH, TOP, Program, Server


def install(*packages):
    subprocess.run([TOP / '.ci/install', *packages], check=True)


def said(*command, cwd=TOP):
    return subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True,
                          check=True).stdout.strip()


def revision():
    """Of this tree: "1a2b3c4", or "1a2b3c4 with changes"."""
    try:
        changed = said('git', 'status', '--porcelain', '--untracked-files=no')
        return said('git', 'rev-parse', '--short', 'HEAD') + (' with changes' if changed else '')
    except (OSError, subprocess.CalledProcessError):
        return 'not from git'


def ours(bin_dir):
    return [Program('raw epoll', (bin_dir / 'raw_server',)), Program('Costrix', (bin_dir / 'bench_server',))]


def unpack(commit, tree):
    """The files of a commit, completely or not at all."""
    partial = tree.with_suffix('.partial')
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    archive = subprocess.run(['git', 'archive', commit], cwd=TOP, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(['tar', '-x', '-C', partial], input=archive, check=True)
    partial.rename(tree)


def before(what):
    """bench_server of a folder of programs, or of a revision, which is built under build/against."""
    folder = pathlib.Path(what)
    if (folder / 'bench_server').is_file():
        return Program(f'before ({what})', (folder.resolve() / 'bench_server',))
    try:
        commit = said('git', 'rev-parse', '--verify', '--quiet', f'{what}^{{commit}}')
    except subprocess.CalledProcessError:
        sys.exit(f'test/bench/run: --against {what}: neither a revision nor a folder with a bench_server')
    tree = TOP / 'build/against' / commit[:12]
    if not tree.exists():
        unpack(commit, tree)
    print(f'building bench_server of {what} …', file=sys.stderr, flush=True)
    subprocess.run(['cmake', '--preset', 'release'], cwd=tree, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(['cmake', '--build', 'build/release', '--target', 'bench_server'], cwd=tree, check=True,
                   stdout=subprocess.DEVNULL)
    return Program(f'before ({what})', (tree / 'build/release/bin/bench_server',))


def peers(out):
    """Those that Debian and npm provide, and that start here."""
    def ding_dong():
        install('nodejs', *([] if shutil.which('npm') else ['npm']))
        subprocess.run(['npm', 'install', '--silent', '--prefix', out, 'ding-dong'], check=True)
        return {'NODE_PATH': str(out / 'node_modules')}

    known = [
        ('ding-dong', 'ding_dong_server.js', 4, False, ding_dong),
        ('panoramisk', 'panoramisk_server.py', 8, False, lambda: install('python3-panoramisk')),
        ('Asterisk::AGI', 'perl_server.pl', 8, True,
         lambda: install('libasterisk-agi-perl', 'libnet-server-perl')),
    ]
    found = []
    for name, script, share, forks, prepare in known:
        try:
            environment = prepare() or {}
            program = Program(name, (BENCH / 'peers' / script,), share, forks, environment)
            with Server(program):
                found.append(program)
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            print(f'{name} is left out: {error}', file=sys.stderr)
    return found
