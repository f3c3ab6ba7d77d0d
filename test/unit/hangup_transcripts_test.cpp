// SPDX-License-Identifier: MIT
// The recorded hangups of a real Asterisk, played to a session through AGI::send.
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/testing/transcript.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace costrix::agi {
namespace {

using costrix::testing::Transcript;
using costrix::testing::TranscriptKind;

/// How the transcript leaves the session, with the rows of the table in docs/guide.md in mind.
struct TranscriptRow {
    const char* transcript;
    bool notice;  // a HANGUP line or the end of the connection; otherwise only a reply tells
};

class HangupTranscript : public test::SessionTest,
                         public ::testing::WithParamInterface<TranscriptRow> {
protected:
    void play(const Transcript& transcript) {
        std::string pending = "";
        for (const auto& record : transcript.records()) {
            if (record.kind == TranscriptKind::asterisk) {
                pending += record.bytes();
                continue;
            }
            deliver(pending);
            if (record.kind == TranscriptKind::script)
                send(record.text);
            else if (record.text.starts_with("asterisk closes the connection"))
                transport().end();
        }
        deliver(pending);
        run();
    }

    int answered_ = 0, refused_ = 0;

private:
    /// The first one is the environment block, and opens the session.
    void deliver(std::string& pending) {
        if (pending.empty())
            return;
        if (!opened_) {
            const auto end = pending.find("\n\n") + 2;
            open(pending.substr(0, end));
            call().allow_after_hangup();  // so that commands go on after the hangup
            opened_ = true;
            pending.erase(0, end);
            if (call().environment().starts_dead())
                answer_question();
        }
        asterisk(std::exchange(pending, std::string()));
        if (sent() == "CHANNEL STATUS\n")  // what did that -1 mean?
            asterisk("511 Command Not Permitted on a dead channel or intercept routine\n");
    }

    void answer_question() {
        EXPECT_EQ(sent(), "GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}\n");
        asterisk("200 result=1 (1)\n");
    }

    void send(const std::string& line) {
        const bool dead = call().hung_up() && !traits_of_line(line).dead;
        auto flow = [](HangupTranscript& self, std::string text) -> asio::awaitable<void> {
            const auto reply = co_await self.call().send(text);
            ++(reply.status() == ReplyStatus::received ? self.answered_ : self.refused_);
        };
        tasks_.push_back(start(flow(*this, line)));
        const auto wire = sent();
        // What a dead channel refuses is not sent; the 511 on record then answers nothing.
        EXPECT_EQ(wire, dead ? "" : line + "\n");
    }

    bool opened_ = false;
    std::vector<std::shared_ptr<test::Task>> tasks_;
};

TEST_P(HangupTranscript, LeavesTheSessionInStepAndAware) {
    const auto file = std::filesystem::path(COSTRIX_TRANSCRIPTS) / GetParam().transcript;
    play(Transcript::read(file.string() + ".agi"));
    EXPECT_TRUE(call().hung_up());
    EXPECT_EQ(why_, "");
    const auto command = start(call().execute(Answer()));
    EXPECT_TRUE(command->threw<AGIDeadChannelError>() || command->threw<AGIHangup>());
    if (!GetParam().notice) {
        EXPECT_GT(answered_, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Recorded,
    HangupTranscript,
    ::testing::Values(
        TranscriptRow{"hangup-idle", true},
        TranscriptRow{"hangup-unanswered", true},
        TranscriptRow{"set-autohangup", true},
        TranscriptRow{"hangup-race", true},
        TranscriptRow{"stream-file-hangup", true},
        TranscriptRow{"wait-for-digit-hangup", true},
        TranscriptRow{"get-data-hangup", true},
        TranscriptRow{"record-file-hangup", true},
        TranscriptRow{"control-stream-file-hangup", true},
        TranscriptRow{"say-hangup", true},
        TranscriptRow{"get-option-hangup", true},
        TranscriptRow{"get-option-hangup-prompt", true},
        TranscriptRow{"receive-char-hangup", true},
        TranscriptRow{"receive-text-hangup", true},
        TranscriptRow{"hangup-exec-wait", true},
        TranscriptRow{"hangup-exec-dial", true},
        TranscriptRow{"hangup-own", true},
        TranscriptRow{"exec-hangup", true},
        TranscriptRow{"hangup-idle-nosighup", false},
        TranscriptRow{"hangup-command-nosighup", false},
        TranscriptRow{"hangup-exit", true},
        TranscriptRow{"hangup-exit-command", true},
        TranscriptRow{"hangup-exit-nosighup", true},
        TranscriptRow{"half-close", true},
        TranscriptRow{"half-close-nosighup", true},
        TranscriptRow{"hangup-then-half-close", true},
        TranscriptRow{"hangup-set-sighup-late", true},
        TranscriptRow{"hangup-named", true},
        TranscriptRow{"dead-after-hangup", true},
        TranscriptRow{"dead-h-extension", true}
    ),
    [](const auto& parameter) {
        std::string name = parameter.param.transcript;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    }
);

}  // namespace
}  // namespace costrix::agi
