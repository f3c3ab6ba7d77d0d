// SPDX-License-Identifier: MIT
// From the records of a transcript to the steps of a conversation.
#include "protocol/own_commands.hpp"
#include "testing/conversation_script.hpp"

#include <costrix/testing/asterisk_tokenizer.hpp>
#include <costrix/testing/replay.hpp>

#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {
namespace {

using detail::ConversationScript;
using detail::Step;

/// Turns the records into steps, in one pass.
class Reader {
public:
    Reader(const Transcript& transcript, const std::string& file, ConversationScript& script)
        : records_(transcript.records()), file_(file), script_(script) {}

    void read() {
        read_environment();
        for (; at_ < records_.size(); ++at_)
            take(records_[at_]);
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
            else if (record.text.starts_with("cut off"))
                add_end();
            break;
        }
    }

    void take_command(const std::string& line) {
        if (detail::is_fence(line)) {
            add(Step::Kind::interruption, {});
            fenced_ = true;
            return;
        }
        add(Step::Kind::expect, line).matches =
            [wanted = split_as_asterisk(line).words](const auto& came) { return came == wanted; };
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
        if (pause_.count() > 0 && !fenced_)
            add(Step::Kind::wait, {}).time = pause_;
        pause_ = {};
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
    const std::string& file_;
    ConversationScript& script_;
    std::size_t at_ = 0;
    std::chrono::nanoseconds pause_{};
    bool fenced_ = false;  // a fence's echo is still to come
    bool asked_ = false;   // the answer to a question of the library's is still to come
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
