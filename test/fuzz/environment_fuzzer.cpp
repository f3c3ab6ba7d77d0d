// SPDX-License-Identifier: MIT
// Environment blocks: the same block, or the same fault, however the bytes are cut; and no value
// that holds newlines replaces what Asterisk says in another line.
#include "fuzz/input.hpp"

#include <costrix/agi/protocol/environment.hpp>

#include <array>
#include <string>

namespace agi = costrix::agi;
using costrix::fuzz::Input;
using costrix::fuzz::require;

namespace {

using Event = agi::EnvironmentReader::Event;

struct Outcome {
    Event event = Event::need_more;
    std::string block;
    std::size_t left = 0;  // bytes behind the block

    bool operator==(const Outcome&) const = default;
};

struct Plan {
    agi::EnvironmentLimits limits;
    std::array<std::size_t, 4> chunks{};
};

Plan take_plan(Input& input) {
    Plan plan;
    if (input.flag())
        plan.limits = {
            .lines = 1 + input.number(15),
            .line_bytes = 1 + input.number(127),
            .bytes = 1 + input.number(1023)};
    for (auto& chunk : plan.chunks)
        chunk = 1 + input.number(63);
    return plan;
}

Outcome read(const Plan& plan, std::string_view bytes, bool cut) {
    agi::EnvironmentReader reader(plan.limits);
    Outcome outcome;
    for (std::size_t i = 0; !bytes.empty() && outcome.event == Event::need_more; ++i) {
        auto chunk = bytes.substr(0, cut ? plan.chunks[i % plan.chunks.size()] : bytes.size());
        bytes.remove_prefix(chunk.size());
        outcome.event = reader.next(chunk);
        outcome.left = chunk.size() + bytes.size();
        require(reader.size() <= plan.limits.bytes, "a block keeps to its limit");
    }
    if (outcome.event == Event::complete)
        outcome.block = reader.take().block();
    else
        outcome.left = 0;  // a reader that failed has taken what it has taken
    return outcome;
}

void check_lookups(const agi::Environment& environment) {
    std::size_t count = 0;
    const auto map = environment.to_map();
    for (const auto& [key, value] : environment) {
        ++count;  // the block is clean: where a key still stands twice, it is none of Asterisk's
        const auto found = environment.find(key);
        require(found && map.at(std::string(key)) == *found, "the first of a key is found");
        require(environment.get(key) == *found, "get() gives what find() finds");
    }
    require(map.size() <= count, "a map has no more keys than there are lines");
    for (std::size_t n = 1; n <= 3; ++n)
        static_cast<void>(environment.argument(n));
    static_cast<void>(environment.caller_id());
    static_cast<void>(environment.priority());
    static_cast<void>(environment.calling_presentation());
}

/// `text` is what the caller has made of one of the values that Asterisk sends.
void check_forgery(std::string_view text, std::size_t place) {
    constexpr std::string_view keys[] = {
        "request",     "channel",      "language",    "type",        "uniqueid",   "version",
        "callerid",    "calleridname", "callingpres", "callingani2", "callington", "callingtns",
        "dnid",        "rdnis",        "context",     "extension",   "priority",   "enhanced",
        "accountcode", "threadid",     "arg_1",       "arg_2",
    };
    std::string block;
    for (std::size_t i = 0; i < std::size(keys); ++i) {
        block.append("agi_").append(keys[i]).append(": genuine");
        if (i == place)
            block.append("\n").append(text);
        block += '\n';
    }
    const agi::Environment environment(block);
    if (environment.ambiguous())
        return;
    for (const auto key : keys)
        require(environment.get("agi_" + std::string(key)) == "genuine", "no value is replaced");
    require(environment.network_script().empty(), "no script is forged");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const auto plan = take_plan(input);
    const auto bytes = input.rest();
    const auto whole = read(plan, bytes, false);
    require(whole == read(plan, bytes, true), "the outcome is the same however the bytes are cut");
    require(!to_string(whole.event).empty(), "every outcome has a name");
    check_lookups(agi::Environment(whole.block));
    check_lookups(agi::Environment(std::string(bytes)));  // of any block at all
    check_forgery(bytes, size % 22);
    return 0;
}
