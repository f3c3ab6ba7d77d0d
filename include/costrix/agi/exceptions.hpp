// SPDX-License-Identifier: MIT
// The exceptions of the specification; each carries the command that was sent and the reply.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

// Visible also in a program that is compiled with -fvisibility=hidden, which could not catch what a
// shared library throws where the C++ library compares types by address.
#pragma GCC visibility push(default)
namespace costrix::inline COSTRIX_ABI::agi {

/// The base of all exceptions of this library (pystrix: agi.AGIException).
///
/// Copying one never throws.
class AGIException : public std::runtime_error {
public:
    /// The key-value items of Asterisk's reply ("result", "value", "endpos").
    using Items = std::map<std::string, std::string>;

    /// An exception that concerns no reply, with its items.
    explicit AGIException(const std::string& message, Items items = {});
    /// An exception about `reply` to `command` (a line without its LF).
    AGIException(const std::string& message, std::string command, Reply reply);

    /// The items of the reply; empty when there are none.
    const Items& items() const noexcept { return details_->items; }
    /// The command line as it was sent, without its LF; empty when there was none.
    std::string_view command() const noexcept { return details_->command; }
    /// Asterisk's reply; its status() tells whether there was one.
    const Reply& reply() const noexcept { return details_->reply; }

    /// Adds what an action's parse() does not know, including the command in what(); no effect if
    /// there is a command already.
    void attach(std::string_view command, const Reply& reply);

private:
    struct Details {
        Items items;
        std::string command;
        Reply reply;
    };
    std::shared_ptr<const Details> details_;
};

/// The base of all errors: Asterisk or this library refused something.
class AGIError : public AGIException {
public:
    using AGIException::AGIException;
};

/// A reply that is not in the protocol, or one with an unknown code.
class AGIUnknownError : public AGIError {
public:
    using AGIError::AGIError;
};

/// An application, or what a command set out to do, failed.
class AGIAppError : public AGIError {
public:
    using AGIError::AGIError;
};

/// A database action failed.
class AGIDBError : public AGIAppError {
public:
    using AGIAppError::AGIAppError;
};

/// The command needs a live channel, and this session has none (511): the handler is cleaning up
/// after the call (AGI::allow_after_hangup(), the h extension, a hangup handler), or it runs in an
/// intercept routine. A 511 that reveals the hangup is an AGIResultHangup instead.
class AGIDeadChannelError : public AGIError {
public:
    using AGIError::AGIError;
};

/// Asterisk does not know the command (510).
class AGIInvalidCommandError : public AGIError {
public:
    using AGIError::AGIError;
};

/// The command's syntax is wrong (520, with Asterisk's usage text in reply().usage()), or an
/// argument cannot be sent; then nothing was sent, and reply().status() is ReplyStatus::refused.
class AGIUsageError : public AGIError {
public:
    using AGIError::AGIError;
};

/// A 200 without `result=`.
class AGINoResultError : public AGIException {
public:
    using AGIException::AGIException;
};

/// A deadline passed before the reply came. Not a hangup: the call goes on.
class AGITimeout : public AGIException {
public:
    using AGIException::AGIException;
};

/// The base of all that means "the call is over".
class AGIHangup : public AGIException {
public:
    using AGIException::AGIException;
};

/// The caller hung up, as Asterisk reported or a reply proved.
class AGIResultHangup : public AGIHangup {
public:
    using AGIHangup::AGIHangup;
};

/// The script's process received SIGHUP, which is how classic AGI reports the hangup.
class AGISIGHUPHangup : public AGIHangup {
public:
    using AGIHangup::AGIHangup;
};

/// The connection to Asterisk is lost.
class AGISIGPIPEHangup : public AGIHangup {
public:
    using AGIHangup::AGIHangup;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
#pragma GCC visibility pop
