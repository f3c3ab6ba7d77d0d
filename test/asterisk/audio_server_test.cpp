// SPDX-License-Identifier: MIT
// AudioServer as the external media of ARI.
#include "asterisk/ari_application.hpp"
#include "asterisk/asterisk_fixture.hpp"
#include "asterisk/rtp_stream.hpp"

#include <costrix/asio.hpp>

#include <future>
#include <string>
#include <thread>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using test::AriApplication;

const std::string kMediaUuid = "40325ec2-5efd-4bd3-805f-53576e581d15";

/// What a handler has heard.
struct HeardMedia {
    unsigned sample_rate = 0;
    int loud = 0;
};

class AsteriskAudioServer : public test::AsteriskTest {
protected:
    AsteriskAudioServer() : audio_({.port = 0, .logger = log_.logger()}) {}
    ~AsteriskAudioServer() override {
        for (const auto* channel : {kMedia, kCaller})
            ari("DELETE", std::string("/channels/") + channel);
        ari("DELETE", std::string("/bridges/") + kBridge);
        audio_.shutdown();
        if (audio_thread_.joinable())
            audio_thread_.join();
    }
    std::string ari(const std::string& method, const std::string& resource) {
        return test::ari_request(port_, method, resource);
    }
    void expect_done(const std::string& resource) {
        const auto response = ari("POST", resource);
        EXPECT_TRUE(response.starts_with("HTTP/1.1 2")) << resource << '\n' << response;
    }
    bool is_hung_up(const std::string& channel) {
        for (int i = 0; i < 100; ++i) {
            if (ari("GET", "/channels/" + channel).starts_with("HTTP/1.1 404"))
                return true;
            std::this_thread::sleep_for(50ms);
        }
        return false;
    }
    /// A channel can be added once Stasis has it.
    bool joined(const std::string& channels) {
        std::string response;
        for (int i = 0; i < 100; ++i) {
            const auto add = std::string("/bridges/") + kBridge + "/addChannel?channel=" + channels;
            response = ari("POST", add);
            if (response.starts_with("HTTP/1.1 2"))
                return true;
            std::this_thread::sleep_for(50ms);
        }
        ADD_FAILURE() << response;
        return false;
    }

    static constexpr const char* kApplication = "costrix-media";
    static constexpr const char* kMedia = "costrix-media-1";
    static constexpr const char* kCaller = "costrix-caller-1";
    static constexpr const char* kBridge = "costrix-bridge-1";

    const std::uint16_t port_ = test::port_of("ARI_PORT", 5088);
    std::promise<HeardMedia> heard_;
    AudioServer audio_;
    std::thread audio_thread_;
};

/// The caller's line sends back what it receives.
TEST_F(AsteriskAudioServer, ServesTheExternalMediaOfAri) {
    auto handler = [&](AudioLine& line, const Uuid&) -> asio::awaitable<void> {
        HeardMedia heard;
        line.write(test::tone_of(4000ms), 8000);
        while (heard.loud < 40) {
            const auto frame = co_await line.read();
            if (!frame)
                break;
            heard.sample_rate = frame->sample_rate;
            heard.loud += test::is_loud(frame->samples) ? 1 : 0;
        }
        heard_.set_value(heard);
    };
    audio_.register_audio_handler(kMediaUuid, handler);
    audio_thread_ = std::thread([this] { audio_.run(); });
    AriApplication application(port_, kApplication);
    const std::string app = std::string("app=") + kApplication;
    const auto media =
        ari("POST",
            "/channels/externalMedia?" + app + "&channelId=" + kMedia +
                "&external_host=127.0.0.1:" + std::to_string(audio_.port()) +
                "&encapsulation=audiosocket&transport=tcp&format=slin16&data=" + kMediaUuid);
    if (media.starts_with("HTTP/1.1 501"))
        GTEST_SKIP() << "this Asterisk has no external media by AudioSocket: " << media;
    EXPECT_TRUE(media.starts_with("HTTP/1.1 2")) << media;
    expect_done(
        "/channels?" + app + "&channelId=" + kCaller + "&endpoint=Local/echo@costrix-party"
    );
    expect_done(std::string("/bridges?type=mixing&bridgeId=") + kBridge);
    ASSERT_TRUE(joined(std::string(kMedia) + ',' + kCaller));
    auto future = heard_.get_future();
    ASSERT_EQ(future.wait_for(20s), std::future_status::ready);
    const auto heard = future.get();
    EXPECT_EQ(heard.loud, 40);
    EXPECT_EQ(heard.sample_rate, 16000U);
    EXPECT_TRUE(is_hung_up(kMedia)) << "the handler has returned";
    EXPECT_EQ(audio_.counters().connected, 1U);
    EXPECT_EQ(audio_.counters().failures, 0U);
}

}  // namespace
}  // namespace costrix::agi
