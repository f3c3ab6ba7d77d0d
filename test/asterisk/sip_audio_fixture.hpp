// SPDX-License-Identifier: MIT
// One SIP caller with audio, and the call that a test serves.
#pragma once

#include "asterisk/asterisk_fixture.hpp"
#include "asterisk/heard_frames.hpp"
#include "asterisk/rtp_stream.hpp"
#include "asterisk/sip_phone.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace costrix::test {

class SipAudioTest : public AsteriskTest {
protected:
    /// Serves this, and asks for a variable afterwards, which shows that the session is in step.
    template <class Flow>
    void serve_flow(Flow flow) {
        serve([this, flow](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
            try {
                co_await flow(call);
            } catch (const agi::AGIHangup&) {
            } catch (const agi::AGIException& error) {
                error_ = error.what();
            }
            hung_up_ = call.hung_up();
            if (hung_up_)
                co_return;
            const auto language = co_await call.execute(agi::GetVariable("CHANNEL(language)"));
            in_step_ = language == "en";
        });
    }
    void call(RtpStream& audio) {
        asterisk_.expect(kUser);
        phone_.call(kUser, std::to_string(server_.port()), &audio);
    }
    void hang_up() { phone_.hang_up(kUser); }
    /// Waits until the call is over.
    void expect_over(bool by_caller = false) {
        asterisk_.wait(kUser);
        finish();
        EXPECT_EQ(hung_up_, by_caller);
        EXPECT_EQ(in_step_, !by_caller);
        EXPECT_EQ(error_, "");
        expect_no_taps();
        expect_nothing_wrong();
    }

    static constexpr const char* kUser = "sip-audio";

    SipPhone phone_{port_of("SIP_PORT", 5098)};
    std::string error_;
    std::atomic<bool> hung_up_ = false, in_step_ = false;
};

/// How much of what came is loud.
inline std::chrono::milliseconds loud_time(const std::vector<RtpStream::Packet>& packets) {
    std::size_t samples = 0;
    for (const auto& packet : packets)
        samples += is_loud(packet.samples) ? packet.samples.size() : 0;
    return std::chrono::milliseconds(samples / 8);
}

/// Waits until something loud comes, of what has not come yet; false if nothing does in 5 s.
inline bool hears(RtpStream& audio) {
    audio.take_received();
    for (int i = 0; i < 250; ++i) {
        if (loud_time(audio.take_received()) > std::chrono::milliseconds(0))
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

/// An agent whom a script dials, and the target to whom the agent or the caller transfers.
struct AgentAndTarget {
    AgentAndTarget() {
        agent.answer_with(agent_audio);
        target.answer_with(target_audio);
        consultation_audio.say(tone_of(std::chrono::seconds(20)));
    }
    /// In the context costrix-sip.
    std::string target_extension() const { return '7' + std::to_string(target.port()); }
    /// Has one who is to transfer call the target, whom Asterisk connects with them.
    void consult(SipPhone& from) {
        from.call(target_extension(), "consultation", &consultation_audio);
        EXPECT_TRUE(hears(target_audio));
    }

    RtpStream agent_audio, target_audio;  // silent until told
    RtpStream consultation_audio;
    SipPhone agent{port_of("SIP_PORT", 5098)};
    SipPhone target{port_of("SIP_PORT", 5098)};
};

}  // namespace costrix::test
