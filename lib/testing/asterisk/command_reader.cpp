// SPDX-License-Identifier: MIT
// fgets() over a 4096-byte stdio buffer, and the loop that run_agi() builds around it.

#include "testing/asterisk/command_reader.hpp"

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

constexpr std::size_t kStdioSize = 4096;

void cut_at_nul(std::string& text) {
    if (const auto nul = text.find('\0'); nul != std::string::npos)
        text.resize(nul);
}

}  // namespace

// One read() into the empty stdio buffer; false when there is nothing to be had now.
bool CommandReader::fetch() {
    if (kernel_.empty()) {
        end_of_file_ = finished_;
        return false;
    }
    const auto size = std::min(kernel_.size(), kStdioSize);
    stdio_.assign(kernel_, 0, size);
    kernel_.erase(0, size);
    return true;
}

// One fgets() that appends to line_; true when it met an LF or filled the buffer.
bool CommandReader::get_some() {
    while (line_.size() <= limit_) {
        if (stdio_.empty() && !fetch())
            return false;
        const auto room = limit_ + 1 - line_.size();
        const auto feed = stdio_.find('\n');
        const auto take = std::min(room, feed == std::string::npos ? stdio_.size() : feed + 1);
        line_.append(stdio_, 0, take);
        stdio_.erase(0, take);
        if (line_.back() == '\n')
            return true;
    }
    return true;
}

std::optional<std::string> CommandReader::read(bool& ended) {
    ended = false;
    in_line_ = true;
    for (;;) {
        const bool got = get_some();
        if (fast_ || got || end_of_file_)
            cut_at_nul(line_);  // from here on it is a C string
        const bool whole = !line_.empty() && (line_.back() == '\n' || line_.size() > limit_);
        if (whole || end_of_file_ || (got && !fast_))
            break;
        if (!got)
            return std::nullopt;
    }
    in_line_ = false;
    ended = line_.empty();
    std::string line = std::move(line_);
    line_.clear();
    if (!line.empty() && line.back() == '\n')
        line.pop_back();
    return line;
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
