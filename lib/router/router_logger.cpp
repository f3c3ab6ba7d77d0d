// SPDX-License-Identifier: MIT
// A router that reports to a logger: in a source of its own, so that scripts need no spdlog.
#include <costrix/agi/router.hpp>

#include <spdlog/logger.h>

#include <utility>

namespace costrix::agi {

Router::Router(std::shared_ptr<spdlog::logger> logger)
    : Router([logger = std::move(logger)](std::string_view what) { logger->warn("{}", what); }) {}

}  // namespace costrix::agi
