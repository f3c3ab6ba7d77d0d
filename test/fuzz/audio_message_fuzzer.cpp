// SPDX-License-Identifier: MIT
// AudioSocket messages: the same however the bytes are cut, within their limits, and what was read
// can be written again.
#include "fuzz/input.hpp"

#include <costrix/agi/protocol/audio_message.hpp>

#include <array>
#include <string>
#include <vector>

namespace agi = costrix::agi;
using costrix::fuzz::Input;
using costrix::fuzz::require;

namespace {

using Event = agi::AudioMessageReader::Event;
using Kind = agi::AudioMessage::Kind;

struct Seen {
    Kind kind;
    unsigned rate;
    std::string payload;
    std::string fault;

    bool operator==(const Seen&) const = default;
};

struct Plan {
    std::size_t max_payload;
    std::array<std::size_t, 4> chunks;  // repeating for ever
};

Plan take_plan(Input& input) {
    Plan plan{};
    plan.max_payload = input.flag() ? input.number(400) : agi::AudioMessageReader::kMaxPayload;
    for (auto& chunk : plan.chunks)
        chunk = 1 + input.number(63);
    return plan;
}

/// What was read, as it is sent.
std::string written(const agi::AudioMessage& message) {
    std::string bytes;
    std::vector<std::int16_t> samples;
    switch (message.kind) {
    case Kind::end:
        agi::append_end(bytes);
        break;
    case Kind::uuid:
        agi::append_uuid(bytes, message.uuid());
        break;
    case Kind::key:
        agi::append_key(bytes, message.key());
        break;
    case Kind::audio:
        message.append_samples_to(samples);
        agi::append_audio(bytes, samples, message.sample_rate);
        break;
    default:
        break;
    }
    return bytes;
}

void check(const agi::AudioMessage& message, const Plan& plan) {
    require(message.payload.size() <= plan.max_payload, "a payload keeps to its limit");
    require(
        (message.sample_rate != 0) == (message.kind == Kind::audio),
        "audio, and only it, has a rate"
    );
    const auto again = written(message);
    if (message.kind != Kind::end && !again.empty())
        require(again.ends_with(message.payload), "what was read can be written again");
    if (message.kind == Kind::uuid) {
        const auto uuid = message.uuid();
        require(agi::Uuid::parse(uuid.to_string()) == uuid, "a UUID's text means that UUID");
    }
}

std::vector<Seen> read(const Plan& plan, std::string_view bytes, bool cut) {
    agi::AudioMessageReader reader(plan.max_payload);
    std::vector<Seen> seen;
    for (std::size_t i = 0; !bytes.empty(); ++i) {
        auto chunk = bytes.substr(0, cut ? plan.chunks[i % plan.chunks.size()] : bytes.size());
        bytes.remove_prefix(chunk.size());
        while (true) {
            const auto event = reader.next(chunk);
            if (event == Event::need_more)
                break;
            if (event == Event::invalid) {
                require(!reader.fault().empty(), "what is invalid has a reason");
                seen.push_back({Kind::error, 0, "", reader.fault()});
                return seen;
            }
            const auto& message = reader.message();
            check(message, plan);
            seen.push_back(
                {message.kind, message.sample_rate, std::string(message.payload), reader.fault()}
            );
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
    static_cast<void>(agi::Uuid::parse(bytes));
    static_cast<void>(agi::takes_all_audio_rates(bytes));
    require(
        read(plan, bytes, false) == read(plan, bytes, true),
        "the messages are the same however the bytes are cut"
    );
    return 0;
}
