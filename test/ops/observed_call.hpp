// SPDX-License-Identifier: MIT
// A call whose events a test makes by hand, as a server would.
#pragma once

#include <costrix/agi/protocol/command_table.hpp>
#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/protocol/reply.hpp>
#include <costrix/agi/request.hpp>
#include <costrix/ops/metrics.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace costrix::test {

class ObservedCall {
public:
    ObservedCall(
        ops::Metrics& metrics,
        std::string_view route,
        const std::string& id = "1.1",
        const std::string& caller = "5551234"
    )
        : environment_(
              "agi_network: yes\nagi_network_script: menu?pin=1234\nagi_channel: PJSIP/alice-" +
              id + "\nagi_uniqueid: " + id + "\nagi_callerid: " + caller +
              "\nagi_calleridname: Alice\nagi_extension: 500\n"
          ),
          observer_(metrics.on_call(
              {environment_, request_, route, false, std::chrono::steady_clock::now()}
          )) {}

    void command(
        std::string_view name,
        std::string_view line,
        std::chrono::nanoseconds turn_around = std::chrono::microseconds(50)
    ) {
        std::uint8_t number = 0;
        for (std::size_t i = 0; i < agi::kCommandTable.size(); ++i) {
            if (agi::kCommandTable[i].name == name)
                number = static_cast<std::uint8_t>(i + 1);
        }
        observer_->on_command({name, line, turn_around, std::chrono::steady_clock::now(), number});
        name_ = name;
    }
    void finish(std::chrono::nanoseconds took = std::chrono::milliseconds(2)) {
        const auto now = std::chrono::steady_clock::now();
        observer_->on_finished({name_, agi::FinishedCommand::How::replied, reply_, took, now});
    }
    void hang_up() { observer_->on_hangup(false); }
    agi::CallObserver& observer() { return *observer_; }

private:
    agi::Environment environment_;
    agi::Request request_;
    agi::Reply reply_;
    std::string_view name_;
    std::unique_ptr<agi::CallObserver> observer_;
};

}  // namespace costrix::test
