// SPDX-License-Identifier: MIT
// Records the caller, and reviews the recording with him.
#include "flows/key_input.hpp"

#include <costrix/agi/actions/record.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/flows/menu.hpp>
#include <costrix/agi/flows/record_message.hpp>

#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {
namespace {

using StoppedBy = RecordFile::StoppedBy;

/// What the caller does with a recording.
enum class Verdict : std::uint8_t { keep, again, discard, hung_up };

/// Plays `message` and the prompt, and records; false when the caller hung up meanwhile.
asio::awaitable<bool>
record(AGI& call, const RecordOptions& options, const Prompt& message, Recorded& recorded) {
    const auto key = co_await play_for_keys(call, message, options.ends_with);
    if (key.empty())
        co_await play_for_keys(call, options.prompt, options.ends_with);
    RecordFile file(options.file, options.format);
    file.escape_digits(options.ends_with).timeout(options.longest).beep(options.beep);
    if (options.silence)
        file.silence(*options.silence);
    const auto result = co_await call.execute(file);
    recorded.length = result.endpos.duration();
    co_return result.stopped_by != StoppedBy::hangup;
}

Menu review_menu(const RecordOptions& options, bool listens) {
    Prompt prompt = options.review;
    if (listens)
        prompt = Prompt(options.file, options.review);
    Menu menu(prompt);
    menu.on(options.keep).on(options.listen).on(options.again).on(options.discard);
    return menu;
}

asio::awaitable<Verdict> review(AGI& call, const RecordOptions& options) {
    if (options.review.empty())
        co_return Verdict::keep;
    bool listens = false;
    for (;;) {
        const auto menu = review_menu(options, listens);
        const Chosen chosen = co_await menu.run(call);
        const char key = chosen ? chosen.keys.front() : options.keep;
        listens = key == options.listen;
        if (!listens) {
            const bool again = key == options.again;
            co_return key == options.keep ? Verdict::keep
            : again                       ? Verdict::again
                                          : Verdict::discard;
        }
    }
}

/// The same, and a hangup is a verdict.
asio::awaitable<Verdict> review_or_hangup(AGI& call, const RecordOptions& options) {
    try {
        co_return co_await review(call, options);
    } catch (const AGIHangup&) {
        co_return Verdict::hung_up;
    }
}

asio::awaitable<Recorded> record_message(AGI& call, RecordOptions options) {
    using End = Recorded::End;
    Recorded recorded;
    recorded.file = options.file;
    const Prompt nothing;
    const Prompt* message = &nothing;
    for (int attempt = 0; attempt < options.attempts;) {
        const bool there = co_await record(call, options, *message, recorded);
        const bool usable = recorded.length >= options.shortest;
        recorded.end = End::too_short;
        if (!there) {
            recorded.end = usable ? End::hung_up : End::too_short;
            co_return recorded;
        }
        if (!usable) {
            ++attempt;
            message = &options.on_too_short;
            continue;
        }
        const auto verdict = co_await review_or_hangup(call, options);
        message = &nothing;
        if (verdict != Verdict::again) {
            recorded.end = verdict == Verdict::keep      ? End::kept
                           : verdict == Verdict::hung_up ? End::hung_up
                                                         : End::discarded;
            co_return recorded;
        }
    }
    co_return recorded;
}

}  // namespace
}  // namespace detail

std::string_view to_string(Recorded::End end) noexcept {
    switch (end) {
    case Recorded::End::kept:
        return "kept";
    case Recorded::End::hung_up:
        return "hung up";
    case Recorded::End::too_short:
        return "too short";
    case Recorded::End::discarded:
        return "discarded";
    }
    return "?";
}

RecordMessage::RecordMessage(std::string file, std::string format) {
    options_.file = std::move(file);
    options_.format = std::move(format);
}

RecordMessage& RecordMessage::prompt(Prompt prompt) {
    options_.prompt = std::move(prompt);
    return *this;
}

RecordMessage& RecordMessage::longest(std::chrono::milliseconds time) {
    detail::check_time("longest", time);
    options_.longest = time;
    return *this;
}

RecordMessage& RecordMessage::shortest(std::chrono::milliseconds time) {
    detail::check_time("shortest", time);
    options_.shortest = time;
    return *this;
}

RecordMessage& RecordMessage::silence(std::chrono::seconds time) {
    detail::check_time("silence", time);
    options_.silence = time;
    return *this;
}

RecordMessage& RecordMessage::ends_with(std::string keys) {
    detail::check_keys("ends_with", keys);
    options_.ends_with = std::move(keys);
    return *this;
}

RecordMessage& RecordMessage::beep(bool on) {
    options_.beep = on;
    return *this;
}

RecordMessage& RecordMessage::on_too_short(Prompt message) {
    options_.on_too_short = std::move(message);
    return *this;
}

RecordMessage& RecordMessage::attempts(int count) {
    detail::check_count("attempts", count, 1);
    options_.attempts = count;
    return *this;
}

RecordMessage& RecordMessage::review(Prompt prompt) {
    options_.review = std::move(prompt);
    return *this;
}

RecordMessage& RecordMessage::review_keys(char keep, char listen, char again, char discard) {
    const std::string keys{keep, listen, again, discard};
    detail::check_keys("review_keys", keys);
    for (const char key : keys) {
        if (keys.find(key) != keys.rfind(key))
            throw std::invalid_argument(
                std::string("review_keys: the key ") + key + " is there twice"
            );
    }
    options_.keep = keep;
    options_.listen = listen;
    options_.again = again;
    options_.discard = discard;
    return *this;
}

asio::awaitable<Recorded> RecordMessage::run(AGI& call) const {
    return detail::record_message(call, options_);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
