// SPDX-License-Identifier: MIT
// Commands that the peer has not read yet.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/transport.hpp>

#include <system_error>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Writes what the transport takes, and keeps the rest until it takes more.
class WriteBacklog {
public:
    /// False if the line is lost: with an error, or because more than `max_bytes` would be kept.
    bool
    write(Transport& transport, std::string_view line, std::size_t max_bytes, error_code& error) {
        if (kept_.empty()) {
            line.remove_prefix(transport.write_some(line, error));
            if (error || line.empty())
                return !error;
            transport.wait_writable();
        }
        if (line.size() > max_bytes - std::min(kept_.size(), max_bytes))
            return false;
        kept_.append(line);
        return true;
    }

    /// The transport takes more.
    void flush(Transport& transport, error_code& error) {
        kept_.erase(0, transport.write_some(kept_, error));
        if (!error && !kept_.empty())
            transport.wait_writable();
    }

    std::size_t size() const noexcept { return kept_.size(); }

private:
    std::string kept_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
