// SPDX-License-Identifier: MIT
// The way from the wire to command lines: a kernel buffer, stdio's buffer, Asterisk's own.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// Reads commands as res_agi.c does.
///
///     arrive() -> kernel_ --read(4096)--> stdio_ --fgets--> line_ -> read()
///                 ^ poll() sees only this
///
/// So whole lines may sit in stdio_ while poll() says that there is nothing to read.
class CommandReader {
public:
    /// `limit` is the maximum length of a command in bytes, without its LF; `fast` is FastAGI.
    CommandReader(std::size_t limit, bool fast) : limit_(limit), fast_(fast) {}

    /// Bytes came in on the wire.
    void arrive(std::string_view bytes) { kernel_ += bytes; }
    /// The far end will send no more.
    void finish() { finished_ = true; }
    /// What poll() would say of the descriptor.
    bool readable() const { return !kernel_.empty() || finished_; }
    /// Whether Asterisk is stuck in the middle of a line.
    bool in_line() const { return in_line_; }
    /// A command without its LF, empty optional when its end has not come yet.
    ///
    /// Sets `ended` at the end of the input.
    std::optional<std::string> read(bool& ended);

private:
    bool fetch();
    bool get_some();

    std::size_t limit_;
    bool fast_;
    bool finished_ = false;
    bool in_line_ = false;
    bool end_of_file_ = false;
    std::string kernel_;
    std::string stdio_;
    std::string line_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
