// SPDX-License-Identifier: MIT
// Replies: the same events however the bytes are cut; accessors that stay inside the text; actions
// that make a result or an AGIException of anything.
#include "fuzz/input.hpp"
#include "support/all_actions.hpp"

#include <costrix/agi.hpp>
#include <costrix/agi/protocol/reply_reader.hpp>

#include <array>
#include <iterator>
#include <string>
#include <vector>

namespace agi = costrix::agi;
using costrix::fuzz::Input;
using costrix::fuzz::require;

namespace {

using Event = agi::ReplyReader::Event;

struct Seen {
    Event event;
    int code;
    std::string text;

    bool operator==(const Seen&) const = default;
};

/// How the bytes are cut and how the replies are framed, each repeating for ever.
struct Plan {
    std::size_t max_bytes;
    std::array<agi::ReplyForm, 4> forms;
    std::array<std::size_t, 4> chunks;
    std::size_t action;  // what the replies are parsed as, and the next ones after it
};

Plan take_plan(Input& input) {
    Plan plan{};
    plan.max_bytes = input.flag() ? 1 + input.number(255) : 65536;
    for (auto& form : plan.forms)
        form = static_cast<agi::ReplyForm>(input.number(2));
    for (auto& chunk : plan.chunks)
        chunk = 1 + input.number(63);
    plan.action = input.number(255);
    return plan;
}

bool is_inside(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

void check_accessors(const agi::Reply& reply) {
    const auto text = reply.text();
    const std::array parts{reply.result(), reply.rest(), reply.usage(), reply.value().value_or("")};
    for (const auto part : parts)
        require(is_inside(part, text), "a view of a reply's accessor is inside its text");
    require(!reply.number() || reply.has_result(), "a number is a result");
    require(!reply.endpos() || reply.has_result(), "endpos= stands behind a result");
    require(reply.items().contains("result") == reply.has_result(), "the items have the result");
}

template <class A>
void parse_as(const agi::Reply& reply) {
    try {
        static_cast<void>(A::parse(reply));
    } catch (const agi::AGIException&) {
        // which is what an action may throw, and nothing else
    }
}

/// Each throws by itself, which is slow: an input chooses one.
template <class... A>
struct Parsers {
    static void parse_as_one(const agi::Reply& reply, std::size_t which) {
        constexpr void (*kParse[]
        )(const agi::Reply&) = {parse_as<A>..., parse_as<agi::GetVariables>};
        kParse[which % std::size(kParse)](reply);
    }
};

void check_actions(const agi::Reply& reply, std::size_t which) {
    std::string line = "NOOP\n";
    try {
        agi::detail::throw_if_failed({agi::detail::End::replied, reply, line});
    } catch (const agi::AGIException& error) {
        require(error.command() == "NOOP", "an exception has its command");
        return;
    }
    costrix::test::WithAllActions<Parsers>::parse_as_one(reply, which);
}

/// All events of `bytes`, cut at the plan's chunks or not at all.
std::vector<Seen> read(const Plan& plan, std::string_view bytes, bool cut) {
    agi::ReplyReader reader(plan.max_bytes);
    std::vector<Seen> seen;
    reader.expect(plan.forms[0]);
    for (std::size_t i = 0; !bytes.empty(); ++i) {
        auto chunk = bytes.substr(0, cut ? plan.chunks[i % plan.chunks.size()] : bytes.size());
        bytes.remove_prefix(chunk.size());
        while (true) {
            const auto event = reader.next(chunk);
            if (event == Event::need_more)
                break;
            const auto& reply = reader.reply();
            if (event == Event::line_too_long || event == Event::too_large) {
                seen.push_back({event, 0, ""});
                return seen;
            }
            require(reply.text().size() <= plan.max_bytes, "a reply keeps to its limit");
            seen.push_back({event, reply.code(), std::string(reply.text())});
            check_accessors(reply);
            if (event == Event::reply)
                check_actions(reply, plan.action + seen.size());
            reader.expect(plan.forms[seen.size() % plan.forms.size()]);
        }
        require(chunk.empty(), "all input is consumed");
    }
    return seen;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const auto plan = take_plan(input);
    const auto bytes = input.rest();
    require(
        read(plan, bytes, false) == read(plan, bytes, true),
        "the events are the same however the bytes are cut"
    );
    return 0;
}
