// SPDX-License-Identifier: MIT
// From the records of a transcript to the steps of a conversation.
#include "protocol/own_commands.hpp"
#include "testing/conversation_script.hpp"

#include <costrix/testing/asterisk_tokenizer.hpp>
#include <costrix/testing/replay.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {
namespace {

using detail::ConversationScript;
using detail::Step;
using Kind = agi::AudioEvent::Kind;

/// How much longer than recorded a talk may last.
constexpr auto kMaxTalkOver = std::chrono::seconds(5);

/// Turns the records into steps, in one pass.
class Reader {
public:
    Reader(const Transcript& transcript, const std::string& file, ConversationScript& script)
        : records_(transcript.records()), audio_(detail::recorded_audio(transcript)), file_(file),
          script_(script) {}

    void read() {
        read_environment();
        for (; at_ < records_.size(); ++at_)
            take(records_[at_]);
        for (auto& step : script_.steps) {
            if (!audio_.empty() && !step.recording)
                step.audio.reset();  // Asterisk did not connect
        }
    }

private:
    void read_environment() {
        while (at_ < records_.size() && records_[at_].kind != TranscriptKind::asterisk)
            ++at_;
        bool complete = false;
        for (; at_ < records_.size() && !complete; ++at_) {
            if (records_[at_].kind != TranscriptKind::asterisk)
                break;
            script_.environment += records_[at_].bytes();
            complete = records_[at_].text.empty();
        }
        if (!complete || !script_.environment.starts_with("agi_"))
            throw std::runtime_error(file_ + " has no environment block");
    }

    void take(const TranscriptRecord& record) {
        switch (record.kind) {
        case TranscriptKind::asterisk:
            if (asked_ && record.text != "HANGUP") {
                asked_ = false;
                break;
            }
            end_unrecorded_talk(record.text);
            add_pause();
            take_line(record.text);
            break;
        case TranscriptKind::script:
            // The library asks when it likes, and is answered where it does.
            asked_ = detail::is_hangup_check(record.text);
            if (asked_)
                break;
            pause_ = {};
            take_command(record.text);
            break;
        case TranscriptKind::happening:
            if (record.text == "asterisk closes the connection")
                add_end();
            break;
        case TranscriptKind::comment:
            if (const auto passed = record.passed())
                pause_ += *passed;
            else if (record.text.starts_with("cut off") || record.text.starts_with("audio cut off"))
                add_end();
            break;
        case TranscriptKind::audio_received:
        case TranscriptKind::audio_sent:
            take_audio(record);
            break;
        }
    }

    /// Of the last command that makes a connection; its time begins anew.
    void open(const std::shared_ptr<detail::RecordedAudio>& line) {
        auto& steps = script_.steps;
        const auto command = std::find_if(steps.rbegin(), steps.rend(), [](const Step& step) {
            return step.audio.has_value();
        });
        if (command == steps.rend() || command->recording)
            return;
        command->recording = line;
        talk_ = command->audio == detail::AudioLeg::Kind::talk ? line->line : 0;
        pause_ = {};
        add(Step::Kind::opens, {}).recording = line;
        opened_ = true;
    }

    /// Of a talk that the script ended, the answer comes when it does so again.
    void take_audio(const TranscriptRecord& record) {
        const auto event = record.audio(bytes_);
        if (event.kind == Kind::open) {
            open(audio_.at(event.line));
        } else if (event.kind == Kind::end && event.sent && event.line == talk_) {
            pause_ = {};
            add(Step::Kind::talk_over, "that the script ends the talk").time =
                event.position + kMaxTalkOver;
            talk_ = 0;
            answers_talk_ = true;
        }
    }

    /// Without its audio, a talk was ended by the script if Asterisk answered so.
    void end_unrecorded_talk(const std::string& answer) {
        const bool talk = !script_.steps.empty() && audio_.empty() &&
                          script_.steps.back().audio == detail::AudioLeg::Kind::talk;
        if (!talk || answer != "200 result=0")
            return;
        add(Step::Kind::talk_over, "that the script ends the talk").time = pause_ + kMaxTalkOver;
        pause_ = {};
    }

    void take_command(const std::string& line) {
        if (detail::is_fence(line)) {
            add(Step::Kind::interruption, {});
            fenced_ = true;
            return;
        }
        auto& step = add(Step::Kind::expect, line);
        auto words = split_as_asterisk(line).words;
        step.audio = detail::audio_of(words);
        step.matches = [wanted = detail::without_audio_address(std::move(words))](const auto& came
                       ) { return detail::without_audio_address(came) == wanted; };
        talk_ = 0;
        opened_ = answers_talk_ = false;
    }

    /// What stands before a fence's echo is the stopped prompt's own reply.
    void take_line(const std::string& line) {
        if (line == "HANGUP") {
            add(Step::Kind::hangup, line);
        } else if (!fenced_) {
            add(Step::Kind::reply, line);
        } else if (line.find(agi::detail::kFenceEcho) != std::string::npos) {
            fenced_ = false;
        } else {
            auto& own = script_.steps.back().text;
            own += own.empty() ? line : "\n" + line;
        }
    }

    void add_pause() {
        const bool first = std::exchange(opened_, false);
        if ((pause_.count() > 0 || first) && !fenced_ && !answers_talk_)
            add(Step::Kind::wait, {}).time = pause_;
        pause_ = {};
        answers_talk_ = false;
    }

    void add_end() {
        add_pause();
        add(Step::Kind::close, "the end of the connection");
    }

    Step& add(Step::Kind kind, std::string text) {
        script_.steps.push_back({kind, SourceLine(file_, at_ + 1), std::move(text), nullptr});
        return script_.steps.back();
    }

    const std::vector<TranscriptRecord>& records_;
    std::map<std::uint64_t, std::shared_ptr<detail::RecordedAudio>> audio_;
    const std::string& file_;
    ConversationScript& script_;
    std::size_t at_ = 0;
    std::chrono::nanoseconds pause_{};
    std::string bytes_;
    std::uint64_t talk_ = 0;     // the line of the command that runs, if that is a talk
    bool opened_ = false;        // a line has opened, and Asterisk has said nothing since
    bool answers_talk_ = false;  // the script has ended a talk, whose answer is to come
    bool fenced_ = false;        // a fence's echo is still to come
    bool asked_ = false;         // the answer to a question of the library's is still to come
};

}  // namespace

Conversation conversation_of(const Transcript& transcript, const std::string& file) {
    auto script = std::make_unique<ConversationScript>();
    script->recorded = true;
    Reader(transcript, file, *script).read();
    return Conversation(std::move(script));
}

CallEnd replay(const std::filesystem::path& file, const CallFlow& flow, SourceLine where) {
    return conversation_of(Transcript::read(file), file.string()).run(flow, std::move(where));
}

}  // namespace costrix::inline COSTRIX_ABI::testing
