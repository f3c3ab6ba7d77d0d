// SPDX-License-Identifier: MIT
// Every handler of the samples, as a classic script and as a FastAGI service.
#include "asterisk/scripts_fixture.hpp"
#include "support/child_process.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace costrix {
namespace {

using test::AsteriskScripts;
using test::CallPlan;
using test::Mode;
using namespace std::chrono_literals;

/// A sample's program as a FastAGI service.
class Service {
public:
    explicit Service(const std::string& name)
        : process_({std::string(COSTRIX_BIN_DIR "/") + name, "0"}) {
        EXPECT_TRUE(process_.wait_for("listening on port ")) << process_.output();
    }
    std::uint16_t port() const {
        return static_cast<std::uint16_t>(std::atoi(process_.output().c_str() + 18));
    }

private:
    test::ChildProcess process_;
};

/// The same call, to the script and to the service: what the dialplan was told must be the same.
class AsteriskSamples : public AsteriskScripts {
protected:
    void expect(
        const CallPlan& script,
        const std::string& service,
        const std::string& path,
        const std::string& agistatus,
        const std::string& report
    ) {
        const auto by_script = asterisk_.place(script);
        EXPECT_EQ(by_script.agistatus, agistatus);
        EXPECT_EQ(by_script.report, report);
        const Service process(service);
        auto call = script;
        call.mode = Mode::agi;
        call.path = path;
        call.args.clear();
        call.port = process.port();
        const auto by_service = asterisk_.place(call);
        EXPECT_EQ(by_service.agistatus, agistatus);
        EXPECT_EQ(by_service.report, report);
    }
};

TEST_F(AsteriskSamples, TheMenuRunsByItsLink) {
    auto call = program("menu");
    call.digits = "w2";
    call.after = 2500ms;
    call.report = "${DEPARTMENT}";
    expect(call, "ivr", "menu", "HANGUP", "2");  // the script hung up
}

TEST_F(AsteriskSamples, ThePinRunsByItsArgument) {
    auto call = program("ivr", {"pin/1234"});
    call.digits = "1234";
    call.report = "${PIN_OK}";
    expect(call, "ivr", "pin/1234", "SUCCESS", "1");
}

TEST_F(AsteriskSamples, TheFallbackRuns) {
    expect(program("ivr", {"nowhere"}), "ivr", "nowhere", "SUCCESS", "");
}

TEST_F(AsteriskSamples, PleaseHoldRuns) {
    auto call = program("please_hold");
    call.caller = "Alice <5551234>";
    call.report = "${CUSTOMER}";
    expect(call, "please_hold", "customer", "SUCCESS", "Alice");
}

TEST_F(AsteriskSamples, TheReadmesSupportRuns) {
    auto call = program("support_script", {"support/sales?pin=1234"});
    call.digits = "4321";  // not the PIN, and so no queue
    expect(call, "support_script", "support/sales?pin=1234", "HANGUP", "");  // the script hung up
}

TEST_F(AsteriskScripts, TheSampleLineByLineRuns) {
    auto call = program("line_by_line", {"4321"});
    call.digits = "4321";
    call.report = "${PIN_OK}";
    const auto outcome = asterisk_.place(call);
    EXPECT_EQ(outcome.agistatus, "SUCCESS");
    EXPECT_EQ(outcome.report, "1");
}

}  // namespace
}  // namespace costrix
