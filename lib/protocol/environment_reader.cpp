// SPDX-License-Identifier: MIT
// Reads an environment block from input that may be cut anywhere.
#include <costrix/agi/protocol/environment.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// Asterisk's blocks take 480 to 630 bytes, and more with arguments: one allocation for most.
constexpr std::size_t kUsualBlock = 640;

/// Replaces each "\r\n" by "\n".
void drop_carriage_returns(std::string& block) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
        if (block[i] != '\r' || i + 1 == block.size() || block[i + 1] != '\n')
            block[kept++] = block[i];
    }
    block.resize(kept);
}

}  // namespace

Environment EnvironmentReader::take() {
    if (carriage_returns_)
        drop_carriage_returns(block_);
    // The block lives as long as the call. The removed empty line alone is not worth a copy.
    constexpr std::size_t kTolerated = 16;
    if (block_.capacity() - block_.size() > kTolerated)
        block_.shrink_to_fit();
    return Environment(std::move(block_));
}

EnvironmentReader::Event EnvironmentReader::next(std::string_view& input) {
    if (block_.empty() && !input.empty()) {
        const bool all = input.ends_with("\n\n");
        block_.reserve(std::min(all ? input.size() : kUsualBlock, limits_.bytes));
    }
    std::size_t taken = 0;  // bytes of the input that are examined and not in the block yet
    const auto keep = [&] {
        block_ += input.substr(0, taken);
        input.remove_prefix(std::exchange(taken, 0));
    };
    while (taken < input.size()) {
        const auto end = input.find('\n', taken);
        const bool whole = end != std::string_view::npos;
        const auto size = (whole ? end + 1 : input.size()) - taken;
        line_bytes_ += size;
        if (line_bytes_ > limits_.line_bytes || size > limits_.bytes - block_.size() - taken)
            return too_large(block_.size() + taken, size);
        taken += size;
        if (!whole)
            break;
        const auto line_size = std::exchange(line_bytes_, 0);
        if (line_size <= 2 && lines_ > 0 && (line_size == 1 || carriage_returns_)) {
            keep();
            const std::string_view empty = carriage_returns_ && line_size == 2 ? "\r\n" : "\n";
            if (block_.ends_with(empty)) {
                block_.resize(block_.size() - empty.size());
                return Event::complete;
            }
        }
        if (lines_ == 0) {
            keep();
            carriage_returns_ = block_.ends_with("\r\n");
            if (!block_.starts_with("agi_"))
                return block_ == "\r\n" || block_.starts_with("PROXY ") ? Event::proxy_header
                                                                        : Event::not_agi;
        }
        if (++lines_ > limits_.lines)
            return Event::too_many_lines;
    }
    keep();
    return Event::need_more;
}

/// The limit that `size` bytes of a line exceed first, `before` bytes into the block. Does not
/// depend on where the input is cut.
EnvironmentReader::Event
EnvironmentReader::too_large(std::size_t before, std::size_t size) const noexcept {
    const auto line_room = limits_.line_bytes - std::min(line_bytes_ - size, limits_.line_bytes);
    return line_room <= limits_.bytes - before ? Event::line_too_long : Event::too_large;
}

std::string_view to_string(EnvironmentReader::Event event) noexcept {
    constexpr std::array<std::string_view, 7> kTexts{
        "ended before its empty line",
        "is complete",
        "does not begin with an agi_ line",
        "begins like a header of the PROXY protocol",
        "has too many lines",
        "has a line that is too long",
        "has too many bytes",
    };
    return kTexts[static_cast<std::size_t>(event)];
}

}  // namespace costrix::inline COSTRIX_ABI::agi
