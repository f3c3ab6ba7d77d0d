#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The benchmark's handlers on panoramisk (asyncio; Debian's python3-panoramisk)."""
import asyncio
import sys

from panoramisk.fast_agi import Application

COMMANDS = [
    'ANSWER',
    'GET VARIABLE "CALLERID(num)"',
    'GET VARIABLE "CHANNEL(language)"',
    'GET VARIABLE "CUSTOMER_ID"',
    'SET VARIABLE "RESULT" "ok"',
    'STREAM FILE "welcome" "0123456789"',
    'GET DATA "enter-pin" 5000 4',
    'EXEC "NoOp" "bench"',
    'VERBOSE "done" 1',
    'HANGUP',
]


async def bench(request):
    for command in COMMANDS:
        await request.send_command(command)


async def short(request):
    await request.send_command('VERBOSE "x" 1')


async def main():
    application = Application(loop=asyncio.get_running_loop())
    application.add_route('bench', bench)
    application.add_route('short', short)
    server = await asyncio.start_server(application.handler, '127.0.0.1', int(sys.argv[2]),
                                        backlog=4096)
    await server.serve_forever()


asyncio.run(main())
