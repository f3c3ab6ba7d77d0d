// SPDX-License-Identifier: MIT
// What an exception carries.
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/protocol/printable.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

AGIException::AGIException(const std::string& message, Items items)
    : std::runtime_error(message),
      details_(std::make_shared<Details>(Details{std::move(items), {}, {}})) {}

AGIException::AGIException(const std::string& message, std::string command, Reply reply)
    : std::runtime_error(message) {
    auto items = reply.items();
    details_ =
        std::make_shared<Details>(Details{std::move(items), std::move(command), std::move(reply)});
}

void AGIException::attach(std::string_view command, const Reply& reply) {
    if (!details_->command.empty())
        return;
    auto items = details_->items.empty() ? reply.items() : details_->items;
    details_ = std::make_shared<Details>(Details{std::move(items), std::string(command), reply});
    std::runtime_error::operator=(std::runtime_error(what() + (": " + printable(details_->command)))
    );
}

}  // namespace costrix::inline COSTRIX_ABI::agi
