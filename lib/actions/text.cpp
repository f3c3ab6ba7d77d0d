// SPDX-License-Identifier: MIT
// Actions on text messages, images and text telephones.
#include "actions/results.hpp"

#include <costrix/agi/actions/text.hpp>

namespace costrix::agi {
namespace {

/// -1 waits without a limit. 0 is answered at once, with what means a hangup or a time-out.
void encode_timeout(CommandLine& line, std::optional<std::chrono::milliseconds> timeout) {
    if (timeout)
        line.number(timeout->count(), "timeout", 1);
    else
        line.number(-1);
}

}  // namespace

void SendText::encode(CommandLine& line) const {
    line.argument(text_, "text");
}

void SendText::parse(const Reply& reply) {
    detail::fail_on_minus_one(reply, "the text cannot be sent");
}

void SendImage::encode(CommandLine& line) const {
    line.argument(image_, "image");
}

void SendImage::parse(const Reply& reply) {
    detail::fail_on_minus_one(reply, "the image cannot be sent");
}

void ReceiveText::encode(CommandLine& line) const {
    encode_timeout(line, timeout_);
}

std::optional<std::string> ReceiveText::parse(const Reply& reply) {
    return detail::value_if_one(reply);  // -1 is the time-out: a hangup would be an exception
}

void ReceiveChar::encode(CommandLine& line) const {
    encode_timeout(line, timeout_);
}

std::optional<char> ReceiveChar::parse(const Reply& reply) {
    if (reply.number() == -1)
        return std::nullopt;
    return detail::key_or_failure(reply, "no text can be received");
}

void TDDMode::encode(CommandLine& line) const {
    switch (mode_) {
    case Mode::off:
        line.name("off");
        break;
    case Mode::on:
        line.name("on");
        break;
    case Mode::mate:
        line.name("mate");
        break;
    case Mode::tdd:
        line.name("tdd");
        break;
    }
}

bool TDDMode::parse(const Reply& reply) {
    return reply.result() == "1";
}

}  // namespace costrix::agi
