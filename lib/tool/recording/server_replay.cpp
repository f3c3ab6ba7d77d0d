// SPDX-License-Identifier: MIT
// Plays Asterisk's side of a recorded call against a server.
#include "tool/recording/server_replay.hpp"

#include "protocol/own_commands.hpp"
#include "testing/recorded_audio.hpp"
#include "tool/formatting.hpp"
#include "tool/recording/audio_replay.hpp"

#include <costrix/testing/asterisk_tokenizer.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

namespace costrix::tool {

using testing::Transcript;
using testing::TranscriptKind;
using testing::TranscriptRecord;

namespace {

constexpr std::string_view kClosed = "closes the connection";
constexpr std::size_t kMaxReceived = 1 << 20;

/// A server of ours may ask at any time whether the channel is hung up.
constexpr std::string_view kHangupCheck = agi::detail::without_line_feed(agi::detail::kHangupCheck);

/// One replay in progress.
class Replay {
public:
    Replay(const Transcript& transcript, const ReplayOptions& options, ServerConnection connection)
        : records_(transcript.records()),
          recorded_audio_(testing::detail::recorded_audio(transcript)), options_(options),
          connection_(std::move(connection)) {}

    ReplayResult run() {
        for (at_ = 0; at_ < records_.size() && !over_; ++at_)
            play(records_[at_]);
        for (const auto& line : audio_)
            compare(*line);
        return std::move(result_);
    }

private:
    void play(const TranscriptRecord& record) {
        switch (record.kind) {
        case TranscriptKind::asterisk:
            if (asked_ && record.text != "HANGUP")
                asked_ = false;
            else
                say(record);
            break;
        case TranscriptKind::script:
            asked_ = record.text == kHangupCheck;
            if (!asked_)
                expect(record);
            break;
        case TranscriptKind::happening:
            happen(record.text);
            break;
        case TranscriptKind::comment:
            pause(record);
            break;
        case TranscriptKind::audio_received:
        case TranscriptKind::audio_sent:
            take_audio(record);
            break;
        }
    }

    /// A line plays by itself from its beginning on; a talk that the script ended it ends again.
    void take_audio(const TranscriptRecord& record) {
        std::string bytes;
        const auto event = record.audio(bytes);
        const bool talk = testing::detail::audio_of(command_) == Kind::talk;
        if (event.kind == agi::AudioEvent::Kind::open && testing::detail::audio_of(command_)) {
            const auto& recorded = recorded_audio_.at(event.line);
            audio_.push_back(std::make_unique<AudioReplay>(recorded, command_));
        } else if (event.kind == agi::AudioEvent::Kind::end && event.sent && talk && !audio_.empty()) {
            talk_answered_ = true;
            if (!audio_.back()->wait(event.position + options_.timeout))
                differ("the script ends the talk", "the talk goes on");
        }
    }

    void compare(AudioReplay& line) {
        if (line.recorded().ended_here)
            line.wait(std::chrono::seconds(1));
        const auto difference = line.finish();
        if (difference && !result_.difference)
            result_.difference =
                Difference{difference->record, difference->expected, difference->actual, before_};
    }

    /// Whether a line plays, so that what happens beside it must keep its time.
    bool plays() const {
        return std::any_of(audio_.begin(), audio_.end(), [](const auto& line) {
            return !line->wait(std::chrono::nanoseconds());
        });
    }

    // Lines that follow each other go out in one write.
    void say(const TranscriptRecord& record) {
        pending_ += in_environment_ ? environment_line(record) : record.bytes();
        if (in_environment_ && record.text.empty())
            in_environment_ = false;
        dead_ = dead_ || record.text == "HANGUP" || record.text == "agi_extension: h" ||
                record.text.starts_with("511");
        awaited_ = talk_answered_ = false;
        before_ = record.text;
        const bool more =
            at_ + 1 < records_.size() && records_[at_ + 1].kind == TranscriptKind::asterisk;
        if (!more)
            connection_.write(std::exchange(pending_, {}));
    }

    // The script that is asked for is the URL's, where it names one.
    std::string environment_line(const TranscriptRecord& record) {
        const bool first = std::exchange(first_line_, false);
        if (!options_.url || options_.url->path.empty())
            return record.bytes();
        std::string lines;
        if (first)
            lines = "agi_network: yes\nagi_network_script: " + options_.url->path + "\n";
        if (record.text.starts_with("agi_network"))
            return lines;
        if (record.text.starts_with("agi_request: "))
            return lines + "agi_request: " + options_.url->text + "\n";
        return lines + record.bytes();
    }

    void expect(const TranscriptRecord& record) {
        awaited_ = true;
        const auto came = next(record.whole ? std::nullopt : std::optional(record.text.size()));
        if (!came || !equals(record.text, *came)) {
            differ("> " + record.text, came ? "> " + *came : trouble_);
            return;
        }
        command_ = testing::split_as_asterisk(*came).words;
        before_ = record.text;
        ++result_.commands;
    }

    void happen(const std::string& what) {
        if (what == "asterisk closes the connection") {
            connection_.close();
            over_ = true;
        } else if (what == "script closes the connection" || what == "script resets the connection") {
            if (const auto came = next(std::nullopt))
                differ(std::string(kClosed), "> " + *came);
            else if (trouble_ != kClosed)
                differ(std::string(kClosed), trouble_);
            over_ = true;
        }
    }

    /// Of a command that connects audio, Asterisk is to connect to another place each time.
    bool equals(const std::string& recorded, const std::string& came) const {
        using testing::detail::without_audio_address;
        if (masked(came) == masked(recorded))
            return true;
        auto words = testing::split_as_asterisk(recorded).words;
        return testing::detail::audio_of(words) &&
               without_audio_address(std::move(words)) ==
                   without_audio_address(testing::split_as_asterisk(came).words);
    }

    // Replies are sent at once without --timing; everything else keeps its recorded time. Sound
    // cannot be played faster.
    void pause(const TranscriptRecord& record) {
        const auto passed = record.passed();
        if (!passed || talk_answered_ || !asterisk_is_next())
            return;
        if (plays())
            std::this_thread::sleep_for(*passed);
        else if (!awaited_ || options_.timing)
            std::this_thread::sleep_for(*passed / options_.speed);
    }

    bool asterisk_is_next() const {
        for (auto i = at_ + 1; i < records_.size(); ++i) {
            const auto& record = records_[i];
            if (record.kind == TranscriptKind::asterisk || record.kind == TranscriptKind::script)
                return record.kind == TranscriptKind::asterisk;
            if (record.text == "asterisk closes the connection")
                return true;
        }
        return false;
    }

    /// The next line without its LF, or `bytes` bytes; on nullopt, trouble_ says why.
    std::optional<std::string> next(std::optional<std::size_t> bytes) {
        while (true) {
            const auto end = bytes ? std::min(*bytes, received_.size()) : received_.find('\n');
            if (bytes ? end == *bytes : end != std::string::npos) {
                auto found = received_.substr(0, end);
                received_.erase(0, end + (bytes ? 0 : 1));
                if (found != kHangupCheck)
                    return found;
                connection_.write(dead_ ? "200 result=1 (1)\n" : "200 result=1 (0)\n");
                continue;
            }
            if (received_.size() > kMaxReceived) {
                trouble_ = "a line of more than " + grouped(kMaxReceived) + " bytes";
                return std::nullopt;
            }
            const auto read = connection_.read(received_, options_.timeout);
            if (read == ServerConnection::Read::data)
                continue;
            trouble_ = kClosed;
            if (read == ServerConnection::Read::nothing)
                trouble_ = "nothing for " + short_duration(options_.timeout);
            return std::nullopt;
        }
    }

    /// Throws std::runtime_error when Boost.Regex gives up.
    std::string masked(std::string line) const {
        for (const auto& pattern : options_.ignored) {
            try {
                line = boost::regex_replace(line, pattern, "*");
            } catch (const std::runtime_error&) {
                throw std::runtime_error(
                    "line " + std::to_string(at_ + 1) + ": --ignore '" + pattern.str() +
                    "' takes too long on a line of " + grouped(line.size()) + " bytes"
                );
            }
        }
        return line;
    }

    void differ(std::string recorded, std::string came) {
        result_.difference = Difference{at_ + 1, std::move(recorded), std::move(came), before_};
        over_ = true;
    }

    using Kind = testing::detail::AudioLeg::Kind;

    const std::vector<TranscriptRecord>& records_;
    const std::map<std::uint64_t, std::shared_ptr<testing::detail::RecordedAudio>> recorded_audio_;
    const ReplayOptions& options_;
    ServerConnection connection_;
    std::size_t at_ = 0;
    ReplayResult result_;
    std::string pending_;   ///< to be sent
    std::string received_;  ///< and not yet compared
    std::string trouble_;
    std::string before_;
    std::vector<std::string> command_;                 ///< that came last
    std::vector<std::unique_ptr<AudioReplay>> audio_;  ///< lines that were opened
    bool talk_answered_ = false;                       ///< the script has ended it
    bool first_line_ = true;
    bool in_environment_ = true;
    bool awaited_ = false;  ///< the script waits for a reply
    bool asked_ = false;    ///< the next reply answers a question, which is answered as it comes
    bool dead_ = false;     ///< the channel is
    bool over_ = false;
};

AgiUrl target(const Transcript& transcript, const ReplayOptions& options) {
    if (options.url)
        return *options.url;
    try {
        return AgiUrl::parse(transcript.environment()["request"]);
    } catch (const std::invalid_argument&) {
        throw std::runtime_error("was not recorded from FastAGI: say which server to call");
    }
}

}  // namespace

ReplayResult replay(const Transcript& transcript, const ReplayOptions& options) {
    if (transcript.environment().empty())
        throw std::runtime_error("has no environment block: it is not an AGI session");
    asio::io_context context;
    ServerConnection connection(context, resolve(target(transcript, options)));
    return Replay(transcript, options, std::move(connection)).run();
}

}  // namespace costrix::tool
