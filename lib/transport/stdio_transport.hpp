// SPDX-License-Identifier: MIT
// Classic AGI's transport: a descriptor to read from and one to write to.
#pragma once

#include "platform/descriptor.hpp"

#include <costrix/agi/detail/transport.hpp>
#include <costrix/asio.hpp>

#include <functional>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Pipes, sockets, terminals and regular files, as they were found.
///
/// O_NONBLOCK belongs to the open file and not to the descriptor: a parent's terminal, a wrapper
/// and every child would have it too, and keep it when this process is killed. So it is not set,
/// and cleared where Asio sets it; poll() tells before each call that it will not wait.
class StdioTransport final : public Transport {
public:
    /// The executor is the context's own, with one thread. `before_read` is called before each
    /// on_read(): for what the process has learned by other ways meanwhile, and was earlier.
    StdioTransport(
        asio::any_io_executor executor,
        Descriptor input,
        Descriptor output,
        std::function<void()> before_read = {}
    );
    ~StdioTransport() override { close(); }

    const asio::any_io_executor& get_executor() const noexcept override { return executor_; }
    void start(TransportEvents& events, std::shared_ptr<void> owner) override;
    std::size_t write_some(std::string_view bytes, error_code& error) override;
    void wait_writable() override;
    void close() noexcept override;

private:
    /// One of the two descriptors.
    struct Side {
        Descriptor descriptor;
        asio::posix::stream_descriptor watched;  // the same one, once it was waited for
    };
    using Step = void (StdioTransport::*)();

    void wait(Side& side, asio::posix::stream_descriptor::wait_type what, Step then);
    void read();
    void read_file();
    void deliver(error_code error, std::string_view bytes);
    void writable();
    void later(Step what);
    void attempt(Step what) noexcept;
    void fail() noexcept;
    void report_failure();

    asio::any_io_executor executor_;
    TransportEvents* events_ = nullptr;
    std::shared_ptr<void> owner_;  // of events_, from start() to close()
    Side input_, output_;
    std::function<void()> before_read_;
    error_code failure_;             // see report_failure()
    std::string ahead_;              // read from a file, and not delivered yet
    bool file_ = false;              // the input is one
    bool environment_read_ = false;  // of a file
    bool ended_ = false;             // nothing more is to be read
    bool wants_writable_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
