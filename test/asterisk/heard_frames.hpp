// SPDX-License-Identifier: MIT
// What a handler hears of a caller.
#pragma once

#include "asterisk/rtp_stream.hpp"

#include <costrix/asio.hpp>

#include <cstddef>
#include <set>

namespace costrix::test {

/// What came on a line or a stream.
struct HeardFrames {
    int all = 0;
    int loud = 0;
    std::set<std::size_t> sizes;  // in samples
};

/// Reads until so many loud frames have come, or it ends.
template <class Audio>
asio::awaitable<HeardFrames> hear_loud(Audio& audio, int enough) {
    HeardFrames heard;
    while (heard.loud < enough) {
        const auto frame = co_await audio.read();
        if (!frame)
            break;
        ++heard.all;
        heard.loud += is_loud(frame->samples) ? 1 : 0;
        heard.sizes.insert(frame->samples.size());
    }
    co_return heard;
}

}  // namespace costrix::test
