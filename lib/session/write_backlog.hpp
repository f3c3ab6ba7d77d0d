// SPDX-License-Identifier: MIT
// Commands that the peer has not read yet.
#pragma once

#include "transport/transport.hpp"

#include <system_error>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace costrix::agi::detail {

/// Writes what the transport takes, and keeps the rest until it takes more.
class WriteBacklog {
public:
    WriteBacklog(Transport& transport, std::size_t max_bytes)
        : transport_(transport), max_bytes_(max_bytes) {}

    /// False if the line is lost: with an error, or because the backlog is full.
    bool write(std::string_view line, std::error_code& error) {
        if (kept_.empty()) {
            line.remove_prefix(transport_.write_some(line, error));
            if (error || line.empty())
                return !error;
            transport_.wait_writable();
        }
        if (line.size() > max_bytes_ - std::min(kept_.size(), max_bytes_))
            return false;
        kept_.append(line);
        return true;
    }

    /// The transport takes more.
    void flush(std::error_code& error) {
        kept_.erase(0, transport_.write_some(kept_, error));
        if (!error && !kept_.empty())
            transport_.wait_writable();
    }

    std::size_t size() const noexcept { return kept_.size(); }

private:
    Transport& transport_;
    std::size_t max_bytes_;
    std::string kept_;
};

}  // namespace costrix::agi::detail
