// SPDX-License-Identifier: MIT
// Actions on speech recognition.
#include <costrix/agi/actions/speech.hpp>
#include <costrix/agi/exceptions.hpp>

#include <algorithm>
#include <charconv>

namespace costrix::agi {
namespace {

void demand_one(const Reply& reply) {
    if (reply.result() != "1")
        throw AGIAppError("there is no speech object, or the engine refused");
}

/// What stands behind `key=`, up to a blank.
std::string_view field(std::string_view text, const std::string& key) {
    const auto at = text.find(" " + key + "=");
    if (at == std::string_view::npos)
        return {};
    const auto value = text.substr(at + key.size() + 2);
    return value.substr(0, value.find(' '));
}

int to_int(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Cuts off everything up to `mark`, it included; what stood before it.
std::string_view take_until(std::string_view& text, const std::string& mark) {
    const auto at = std::min(text.find(mark), text.size());
    const auto before = text.substr(0, at);
    text.remove_prefix(std::min(at + mark.size(), text.size()));
    return before;
}

/// What the result after number `i` begins with.
std::string next_mark(int i) {
    return " score" + std::to_string(i + 1) + "=";
}

/// Reads the fields in their order. Asterisk does not escape what was heard, which may look like
/// any of them: a text reaches to the last `" grammarN=` before the next result.
std::vector<SpeechRecognize::Heard> heard_in(std::string_view text) {
    constexpr int kMost = 100;
    std::vector<SpeechRecognize::Heard> all;
    const int count = std::min(to_int(field(text, "results")), kMost);
    for (int i = 0; i < count; ++i) {
        const auto n = std::to_string(i);
        SpeechRecognize::Heard one;
        take_until(text, " score" + n + "=");
        one.score = to_int(take_until(text, " text" + n + "=\""));
        const bool last = i + 1 == count;
        const auto rest = text.substr(0, last ? text.npos : text.find(next_mark(i)));
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

void SpeechCreate::encode(CommandLine& line) const {
    line.argument(engine_, "engine");
}

void SpeechCreate::parse(const Reply& reply) {
    demand_one(reply);
}

void SpeechDestroy::parse(const Reply& reply) {
    demand_one(reply);
}

void SpeechSet::encode(CommandLine& line) const {
    line.argument(name_, "name").argument(value_, "value");
}

void SpeechSet::parse(const Reply& reply) {
    demand_one(reply);
}

void SpeechLoadGrammar::encode(CommandLine& line) const {
    line.argument(name_, "name").argument(path_, "path");
}

void SpeechLoadGrammar::parse(const Reply& reply) {
    demand_one(reply);
}

void SpeechUnloadGrammar::encode(CommandLine& line) const {
    line.argument(name_, "name");
}

void SpeechUnloadGrammar::parse(const Reply& reply) {
    demand_one(reply);
}

void SpeechActivateGrammar::encode(CommandLine& line) const {
    line.argument(name_, "name");
}

void SpeechActivateGrammar::parse(const Reply& reply) {
    demand_one(reply);
}

void SpeechDeactivateGrammar::encode(CommandLine& line) const {
    line.argument(name_, "name");
}

void SpeechDeactivateGrammar::parse(const Reply& reply) {
    demand_one(reply);
}

void SpeechRecognize::encode(CommandLine& line) const {
    line.argument(prompt_, "prompt").number(timeout_.count(), "timeout", 1);
    if (offset_ != 0)
        line.number(offset_, "offset");
}

SpeechRecognize::Result SpeechRecognize::parse(const Reply& reply) {
    const auto rest = reply.rest();
    Result result;
    if (reply.result() != "1")
        throw AGIAppError("there is no speech object");
    result.endpos = to_int(field(rest, "endpos"));
    if (rest.starts_with("(speech)")) {
        result.end = End::speech;
        result.heard = heard_in(rest);
    } else if (rest.starts_with("(digit)")) {
        const auto digit = field(rest, "digit");
        result.end = End::key;
        if (!digit.empty())
            result.key = digit.front();
    } else if (rest.starts_with("(hangup)")) {
        result.end = End::hangup;
    }
    return result;
}

}  // namespace costrix::agi
