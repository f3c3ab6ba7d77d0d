// SPDX-License-Identifier: MIT
// A header of the PROXY protocol, cut anywhere: the cuts make no difference.
#include "fuzz/input.hpp"
#include "protocol/proxy_header.hpp"

#include <algorithm>
#include <string_view>

using costrix::agi::detail::ProxyHeaderReader;
using costrix::fuzz::Input;
using costrix::fuzz::require;
using Event = ProxyHeaderReader::Event;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const auto piece = 1 + input.number(20);
    const auto text = input.rest();
    ProxyHeaderReader whole, cut;
    auto left = text;
    const auto event = whole.next(left);
    require(event != Event::need_more || left.empty(), "an incomplete header takes all input");
    require(!whole.source() || event == Event::complete, "only a complete header has an address");
    require(whole.why().empty() == (event != Event::malformed), "what is malformed has a reason");
    auto cut_event = Event::need_more;
    std::size_t taken = 0;
    while (cut_event == Event::need_more && taken < text.size()) {
        auto part = text.substr(taken, piece);
        const auto before = part.size();
        cut_event = cut.next(part);
        taken += before - part.size();
    }
    require(cut_event == event, "cuts make no difference");
    require(event != Event::complete || taken == text.size() - left.size(), "nor to the rest");
    require(cut.source().has_value() == whole.source().has_value(), "nor to the address");
    if (whole.source())
        require(cut.source()->address == whole.source()->address, "which is the same");
    return 0;
}
