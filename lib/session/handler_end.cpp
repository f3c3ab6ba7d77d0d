// SPDX-License-Identifier: MIT
// How a handler ended, from the exception that left it.
#include "session/handler_end.hpp"

#include <costrix/agi/detail/operation.hpp>
#include <costrix/agi/exceptions.hpp>

#include <asio/error.hpp>
#include <asio/multiple_exceptions.hpp>
#include <asio/system_error.hpp>

namespace costrix::agi::detail {

HandlerVerdict judge(const std::exception_ptr& error, bool hung_up) {
    try {
        if (error)
            std::rethrow_exception(error);
        return {HandlerEnd::returned, {}};
    } catch (const AGIHangup&) {
        return {HandlerEnd::hung_up, {}};
    } catch (const AGITimeout& thrown) {
        return {HandlerEnd::timed_out, thrown.what()};
    } catch (const asio::multiple_exceptions& thrown) {
        // Of Asio's && and ||: it has the left one's exception. Where the right one met the hangup,
        // the left one was cancelled for it.
        auto first = judge(thrown.first_exception(), hung_up);
        if (first.end == HandlerEnd::cancelled && hung_up)
            first.end = HandlerEnd::hung_up;
        return first;
    } catch (const asio::system_error& thrown) {
        if (thrown.code() == asio::error::operation_aborted)
            return {HandlerEnd::cancelled, {}};
        return {HandlerEnd::failed, thrown.what()};
    } catch (const std::exception& thrown) {
        return {HandlerEnd::failed, thrown.what()};
    } catch (const Stopped&) {
        return {HandlerEnd::failed, "it tried again and again after its call had ended"};
    } catch (...) {
        return {HandlerEnd::failed, "an exception that is no std::exception"};
    }
}

bool is_hangup(const std::exception_ptr& error, bool hung_up) {
    return judge(error, hung_up).end == HandlerEnd::hung_up;
}

}  // namespace costrix::agi::detail
