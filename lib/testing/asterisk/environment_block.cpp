// SPDX-License-Identifier: MIT
// The environment block, in the order and the spelling of res_agi.c's setup_env.

#include "testing/asterisk/call_state.hpp"

#include <cstddef>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

// All after the first slash that follows the host; nothing for agi://host and agi://host/.
std::string network_script(const std::string& url) {
    const auto scheme = url.find("://");
    const auto host = scheme == std::string::npos ? 0 : scheme + 3;
    const auto slash = url.find('/', host);
    return slash == std::string::npos ? std::string() : url.substr(slash + 1);
}

std::string or_unknown(const std::string& value) {
    return value.empty() ? "unknown" : value;
}

class Block {
public:
    Block& add(std::string_view key, std::string_view value) {
        text_.append("agi_").append(key).append(": ").append(value).append("\n");
        return *this;
    }

    std::string finish() { return text_ + "\n"; }

private:
    std::string text_;
};

void add_call(Block& block, const ScenarioData& data) {
    block.add("request", data.url)
        .add("channel", data.channel)
        .add("language", data.language)
        .add("type", data.channel.substr(0, data.channel.find('/')))
        .add("uniqueid", data.unique_id)
        .add("version", data.version);
}

void add_caller(Block& block, const ScenarioData& data) {
    const bool known = !data.caller_number.empty() || !data.caller_name.empty();
    block.add("callerid", or_unknown(data.caller_number))
        .add("calleridname", or_unknown(data.caller_name))
        .add("callingpres", known ? "0" : "67")
        .add("callingani2", "0")
        .add("callington", "0")
        .add("callingtns", "0")
        .add("dnid", or_unknown(data.dnid))
        .add("rdnis", or_unknown(data.rdnis));
}

void add_place(Block& block, const ScenarioData& data) {
    block.add("context", data.context)
        .add("extension", data.extension)
        .add("priority", std::to_string(data.priority))
        .add("enhanced", data.enhanced ? "1.0" : "0.0")
        .add("accountcode", data.account_code)
        .add("threadid", data.thread_id);
}

}  // namespace

std::string environment_block(const ScenarioData& data) {
    Block block;
    if (data.fastagi) {
        block.add("network", "yes");
        if (const auto script = network_script(data.url); !script.empty())
            block.add("network_script", script);
    }
    add_call(block, data);
    add_caller(block, data);
    add_place(block, data);
    for (std::size_t i = 0; i < data.arguments.size(); ++i)
        block.add("arg_" + std::to_string(i + 1), data.arguments[i]);
    return block.finish();
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
