// SPDX-License-Identifier: MIT
// Reads what a speech engine recognized.
#include "protocol/ascii.hpp"

#include <costrix/agi/actions/speech.hpp>

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// The text after ` key=`, up to a blank.
std::string_view field(std::string_view text, const std::string& key) {
    const auto at = text.find(" " + key + "=");
    if (at == std::string_view::npos)
        return {};
    const auto value = text.substr(at + key.size() + 2);
    return value.substr(0, value.find(' '));
}

int to_int(std::string_view text) {
    return detail::to_number<int>(text).value_or(0);
}

/// Removes everything up to and including `mark`, and returns what was before it.
std::string_view take_until(std::string_view& text, const std::string& mark) {
    const auto at = std::min(text.find(mark), text.size());
    const auto before = text.substr(0, at);
    text.remove_prefix(std::min(at + mark.size(), text.size()));
    return before;
}

/// Reads the fields in their order. The texts are not escaped and may look like any of the fields,
/// so a text reaches to the last `" grammarN=` before the next result.
std::vector<SpeechRecognize::Heard> heard_in(std::string_view text) {
    constexpr int kMaxResults = 100;
    std::vector<SpeechRecognize::Heard> all;
    const int count = std::min(to_int(field(text, "results")), kMaxResults);
    for (int i = 0; i < count; ++i) {
        const auto n = std::to_string(i);
        SpeechRecognize::Heard one;
        take_until(text, " score" + n + "=");
        one.score = to_int(take_until(text, " text" + n + "=\""));
        const auto next = " score" + std::to_string(i + 1) + "=";
        const auto rest = text.substr(0, i + 1 == count ? text.npos : text.find(next));
        const auto mark = "\" grammar" + n + "=";
        const auto end = rest.rfind(mark);
        one.text = rest.substr(0, end);
        if (end != rest.npos)
            one.grammar = rest.substr(end + mark.size());
        text.remove_prefix(rest.size());
        all.push_back(std::move(one));
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& one, const auto& other) {
        return one.score > other.score;
    });
    return all;
}

}  // namespace

void SpeechRecognize::encode(CommandLine& line) const {
    line.argument(prompt_, "prompt").number(timeout_.count(), "timeout", 1);
    if (offset_ != Samples())
        line.number(offset_.count(), "offset");
}

SpeechRecognize::Result SpeechRecognize::parse(const Reply& reply) {
    const auto rest = reply.rest();
    detail::fail_unless_one(reply, "there is no speech object");
    Result result;
    result.endpos = Samples(to_int(field(rest, "endpos")));
    if (rest.starts_with("(speech)")) {
        result.stopped_by = StoppedBy::speech;
        result.heard = heard_in(rest);
    } else if (rest.starts_with("(digit)")) {
        const auto digit = field(rest, "digit");
        result.stopped_by = StoppedBy::key;
        if (!digit.empty())
            result.key = digit.front();
    } else if (rest.starts_with("(hangup)")) {
        result.stopped_by = StoppedBy::hangup;
    }
    return result;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
