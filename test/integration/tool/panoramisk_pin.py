# SPDX-License-Identifier: MIT
"""The PIN flow of samples/ivr.cpp with panoramisk: another server for `costrix call` to call."""
import asyncio
import signal

from panoramisk import fast_agi


async def pin(request):
    await request.send_command("ANSWER")
    entered = await request.send_command("GET DATA agent-pass 5000 4")
    right = entered["result"][0] == "1234"
    await request.send_command("SET VARIABLE PIN_OK %d" % right)
    await request.send_command("STREAM FILE %s \"\"" % ("auth-thankyou" if right else "auth-incorrect"))


async def main():
    application = fast_agi.Application()
    application.add_route("pin/1234", pin)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
    print("listening on port", server.sockets[0].getsockname()[1], flush=True)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()


asyncio.run(main())
