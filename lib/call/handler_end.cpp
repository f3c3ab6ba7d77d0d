// SPDX-License-Identifier: MIT
// How a handler ended, judged from the exception that left it.
#include "call/handler_end.hpp"

#include <costrix/agi/detail/outcome.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/asio.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

CallOutcome judge(const std::exception_ptr& error, bool hung_up) {
    try {
        if (error)
            std::rethrow_exception(error);
        return hung_up ? CallOutcome::hung_up : CallOutcome::returned;
    } catch (const AGIHangup&) {
        return CallOutcome::hung_up;
    } catch (const AGITimeout&) {
        return CallOutcome::timed_out;
    } catch (const asio::multiple_exceptions& thrown) {
        // Asio's && and || report the left operand's exception. Where the right one met the
        // hangup, the left one was cancelled for it.
        const auto first = judge(thrown.first_exception(), hung_up);
        return first == CallOutcome::cancelled && hung_up ? CallOutcome::hung_up : first;
    } catch (const system_error& thrown) {
        return thrown.code() == asio::error::operation_aborted ? CallOutcome::cancelled
                                                               : CallOutcome::failed;
    } catch (...) {
        return CallOutcome::failed;
    }
}

std::string describe(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const asio::multiple_exceptions& thrown) {
        return describe(thrown.first_exception());
    } catch (const std::exception& thrown) {
        return thrown.what();
    } catch (const Stopped&) {
        return "it tried again and again after its call had ended";
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
