// SPDX-License-Identifier: MIT
// Records what Asterisk does on an AudioSocket: the files of test/transcripts/audio that are not in
// the directory that COSTRIX_AUDIO_TRANSCRIPTS names.
#include "asterisk/audio_recorder.hpp"
#include "asterisk/audio_scenarios.hpp"
#include "asterisk/sip_audio_fixture.hpp"

#include <costrix/asio.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using test::Agent;
using test::AudioRecorder;
using test::replaced;
using test::RtpStream;
using test::Scenario;
using test::tone_of;

const std::string kUuid = "40325ec2-5efd-4bd3-805f-53576e581d13";

std::filesystem::path path_of(const std::filesystem::path& folder, const Scenario& scenario) {
    return folder / (scenario.name + ".audio");
}

class AsteriskAudioTranscripts : public test::SipAudioTest {
protected:
    /// Runs it on the server's thread: the command, what runs beside it, and a question.
    asio::awaitable<void> serve_scenario(AGI& call) {
        if (now_->answer)
            co_await call.execute(Answer());
        const std::string id(call.environment().unique_id());
        auto line = replaced(replaced(now_->exec, "WHERE", recorder_->where()), "UUID", kUuid);
        co_await send(call, replaced(line, "CHANNEL", id));
        if (!now_->silence.empty())
            co_await send(call, now_->silence);
        if (!now_->prompt.empty())
            co_await send(call, "STREAM FILE " + now_->prompt + " \"\"");
        if (now_->agent != Agent::none)
            co_await send(call, "EXEC Dial " + others_->agent.dialled() + ",10");
        if (now_->exec.find("Originate") != std::string::npos)
            co_await call.sleep_for(now_->stay);
        if (!now_->variable.empty())
            co_await send(call, "GET VARIABLE " + now_->variable);
        co_await send(call, "CHANNEL STATUS");
    }
    asio::awaitable<void> send(AGI& call, std::string line) {
        recorder_->note(line);
        const auto reply = co_await call.send(line);
        if (reply.status() == ReplyStatus::received)
            recorder_->note(reply.text());
        if (call.hung_up())
            recorder_->note("HANGUP has come");
    }
    void place(const Scenario& scenario) {
        if (!scenario.packet) {
            auto call = plan();
            call.audio = scenario.audio;
            call.digits = scenario.digits;
            call.after = 300ms;
            call.hangup_after = scenario.hangup_after;
            asterisk_.place(call);
            return;
        }
        place_on_sip(scenario);
    }
    void place_on_sip(const Scenario& scenario) {
        using Silence = RtpStream::Silence;
        const std::chrono::milliseconds packet(*scenario.packet);
        RtpStream phone(packet, scenario.suppressed ? Silence::suppressed : Silence::sent);
        phone.say(tone_of(scenario.suppressed ? 300ms : 10s));
        const auto user = "record-" + scenario.name;
        others_.emplace();
        asterisk_.expect(user);
        phone_.call(user, std::to_string(server_.port()), &phone);
        if (scenario.agent != Agent::none)
            have_dialled(user, scenario.agent);
        else
            act(user, phone, scenario);
        asterisk_.wait(user);
        if (scenario.exec == test::kWhisper) {
            const auto heard = test::loud_time(phone.take_received());
            recorder_->note("the caller has heard " + std::to_string(heard.count()) + " ms of it");
        }
    }
    void act(const std::string& user, RtpStream& phone, const Scenario& scenario) {
        std::this_thread::sleep_for(scenario.hangup_after.value_or(400ms));
        for (const char key : scenario.digits)
            phone.press(key);
        if (scenario.hangup_after)
            phone_.hang_up(user);
        if (scenario.suppressed) {
            std::this_thread::sleep_for(1000ms);
            phone.say(tone_of(10s));
        }
    }
    /// The agent talks to the caller, and may transfer them; then the caller hangs up.
    void have_dialled(const std::string& user, Agent does) {
        auto& agent = others_->agent;
        others_->agent_audio.say(tone_of(10s));
        const auto call = agent.wait_for_call();
        recorder_->note("the agent answers");
        std::this_thread::sleep_for(400ms);
        const auto target = others_->target_extension();
        if (does == Agent::transfers_attended) {
            others_->consult(agent);
            recorder_->note("the agent calls the target, who answers");
            const auto status = agent.transfer_to_call(call, target);
            recorder_->note("the agent: REFER with Replaces, " + std::to_string(status));
        } else if (does == Agent::transfers_blind) {
            recorder_->note("the agent: REFER, " + std::to_string(agent.transfer(call, target)));
            others_->target.wait_for_call();
            recorder_->note("the target answers");
        }
        std::this_thread::sleep_for(400ms);
        recorder_->note("the caller hangs up");
        phone_.hang_up(user);
    }
    void record(const Scenario& scenario, const std::filesystem::path& folder) {
        now_ = &scenario;
        recorder_.emplace(scenario.script);
        place(scenario);
        recorder_->finish();
        std::ofstream file(path_of(folder, scenario));
        file << "# scenario: " << scenario.name << "\n# shows: " << scenario.shows
             << "\n# asterisk: " << version_ << "\n# caller: ";
        if (scenario.packet)
            file << "SIP, packets of " << *scenario.packet << " ms"
                 << (scenario.suppressed ? ", suppresses silence" : "") << '\n';
        else
            file << "Local channel, " << (scenario.audio.empty() ? "silent" : scenario.audio)
                 << '\n';
        file << recorder_->text();
        EXPECT_TRUE(file.good());
    }

    const Scenario* now_ = nullptr;  // changed while no call runs
    std::optional<AudioRecorder> recorder_;
    std::optional<test::AgentAndTarget> others_;
    std::string version_;
};

TEST_F(AsteriskAudioTranscripts, AreRecorded) {
    const char* folder = std::getenv("COSTRIX_AUDIO_TRANSCRIPTS");
    if (!folder)
        GTEST_SKIP() << "records only where COSTRIX_AUDIO_TRANSCRIPTS names a directory";
    serve([this](AGI& call, const Request&) -> asio::awaitable<void> {
        version_ = call.environment().version();
        co_await serve_scenario(call);
    });
    for (const auto& scenario : test::audio_scenarios()) {
        if (std::filesystem::exists(path_of(folder, scenario)))
            continue;
        std::cout << scenario.name << std::endl;
        record(scenario, folder);
    }
}

}  // namespace
}  // namespace costrix::agi
