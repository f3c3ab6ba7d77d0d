// SPDX-License-Identifier: MIT
// Commands that the peer has not read yet.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/transport.hpp>

#include <system_error>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Writes what the transport takes, and keeps the rest until it takes more.
class WriteBacklog {
public:
    /// False if the line is lost: with an error, or because more than `max_bytes` would be kept.
    bool
    write(Transport& transport, std::string_view line, std::size_t max_bytes, error_code& error) {
        if (!kept_) {
            line.remove_prefix(transport.write_some(line, error));
            if (error || line.empty())
                return !error;
            transport.wait_writable();
        }
        if (line.size() > max_bytes - std::min(size(), max_bytes))
            return false;
        if (kept_)
            kept_->append(line);
        else
            kept_ = std::make_unique<std::string>(line);
        return true;
    }

    /// The transport takes more.
    void flush(Transport& transport, error_code& error) {
        if (!kept_)
            return;
        kept_->erase(0, transport.write_some(*kept_, error));
        if (kept_->empty())
            kept_.reset();
        else if (!error)
            transport.wait_writable();
    }

    std::size_t size() const noexcept { return kept_ ? kept_->size() : 0; }

private:
    std::unique_ptr<std::string> kept_;  // null, not empty, if nothing is kept
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
