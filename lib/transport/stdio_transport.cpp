// SPDX-License-Identifier: MIT
// Classic AGI's transport: a descriptor to read from and one to write to.
#include "transport/stdio_transport.hpp"

#include <costrix/asio.hpp>

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

// A file whose environment or reply is longer is handed on as it comes; the session has limits.
constexpr std::size_t kMaxAhead = 65536;

bool ready(const Descriptor& descriptor, short events) noexcept {
    pollfd state{.fd = descriptor.number(), .events = events, .revents = 0};
    return ::poll(&state, 1, 0) > 0;
}

/// epoll_ctl(2) takes neither regular files nor directories, which never make anybody wait.
bool is_always_ready(error_code error) noexcept {
    return error == asio::error::no_permission;
}

/// Reads what is there; 0 with asio::error::eof at the end.
std::size_t read_some(int descriptor, std::array<char, kReadSize>& buffer, error_code& error) {
    ssize_t size = 0;
    do
        size = ::read(descriptor, buffer.data(), buffer.size());
    while (size < 0 && errno == EINTR);
    // A terminal that hung up gives EIO.
    if (size == 0 || (size < 0 && errno == EIO))
        error = asio::error::eof;
    else if (size < 0)
        error = error_code(errno, asio::error::get_system_category());
    return size > 0 ? static_cast<std::size_t>(size) : 0;
}

/// Whether this may be the last line of a reply.
bool is_final(std::string_view line) noexcept {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return line.size() > 3 && std::all_of(line.begin(), line.begin() + 3, digit) &&
           line[0] != '1' && line[3] == ' ';
}

/// The size of a file's next part: the environment, or lines up to one that ends a reply; 0 when
/// its end is not there.
std::size_t part_size(std::string_view text, bool environment) noexcept {
    if (environment) {
        // In a file from elsewhere each line ends in a carriage return and a line feed.
        const auto end = std::min(text.find("\n\n"), text.find("\n\r\n"));
        return end == std::string_view::npos ? 0 : text.find('\n', end + 1) + 1;
    }
    std::size_t begin = 0, end = 0;
    for (bool value = false; (end = text.find('\n', begin)) != std::string_view::npos;
         begin = end + 1) {
        const auto line = text.substr(begin, end - begin);
        value = value || (is_final(line) && line.find('(') < line.size());
        if (value ? line.find(')') < line.size() : is_final(line))
            return end + 1;
    }
    return 0;
}

}  // namespace

void StdioTransport::Side::on_ready(std::uint32_t, std::shared_ptr<void>) noexcept {
    try {
        (transport_.*ready_)();
    } catch (...) {
        transport_.fail();
    }
}

StdioTransport::StdioTransport(
    asio::any_io_executor executor,
    Descriptor input,
    Descriptor output,
    std::function<void()> before_read
)
    : set_(asio::use_service<EpollSet>(executor.context())), executor_(std::move(executor)),
      input_(std::move(input)), output_(std::move(output)), before_read_(std::move(before_read)) {}

void StdioTransport::start(TransportEvents& events, std::shared_ptr<void> owner) {
    events_ = &events;
    owner_ = std::move(owner);
    const auto error = set_.add(input_.number(), input_side_, executor_);
    input_side_.watched = !error;
    file_ = is_always_ready(error);
    if (file_)
        later(&StdioTransport::read_file);
    else if (error)
        fail_later(error);
}

/// What the epoll set refused for want of something would otherwise be waited for without end.
void StdioTransport::fail_later(error_code error) {
    failure_ = error;
    later(&StdioTransport::report_failure);
}

void StdioTransport::report_failure() {
    deliver(failure_, {});
}

void StdioTransport::later(Side::Ready what) {
    asio::post(executor_, [this, what, self = owner_] {
        if (owner_ && !ended_)
            (this->*what)();
    });
}

/// An exception, such as bad_alloc, ends this session and nothing else.
void StdioTransport::fail() noexcept {
    ended_ = true;
    try {
        if (owner_)
            events_->on_read(asio::error::no_memory, {});
    } catch (...) {
        close();
    }
}

void StdioTransport::deliver(error_code error, std::string_view bytes) {
    ended_ = ended_ || error;
    if (before_read_)
        before_read_();
    if (owner_)
        events_->on_read(error, bytes);
}

/// Edge-triggered: all that is there must be read.
void StdioTransport::read() {
    std::array<char, kReadSize> buffer;
    while (input_ && !ended_ && ready(input_, POLLIN)) {
        error_code error;
        const auto size = read_some(input_.number(), buffer, error);
        deliver(error, std::string_view(buffer.data(), size));
    }
}

/// A file has the replies before the commands are sent. It is read as if somebody typed it: the
/// environment, then a reply for each command.
void StdioTransport::read_file() {
    std::array<char, kReadSize> buffer;
    error_code error;
    std::size_t size = 0;
    while (!error && (size = part_size(ahead_, !environment_read_)) == 0 &&
           ahead_.size() < kMaxAhead) {
        const auto more = read_some(input_.number(), buffer, error);
        ahead_.append(buffer.data(), more);
    }
    const bool whole = size > 0;
    const auto part = ahead_.substr(0, whole ? size : ahead_.size());
    ahead_.erase(0, part.size());
    environment_read_ = environment_read_ || whole;
    if (!part.empty())
        deliver({}, part);
    if (error && owner_)
        deliver(error, {});
    else if (!whole)
        later(&StdioTransport::read_file);
}

/// A pipe that is ready takes PIPE_BUF bytes at least, so a write of no more never waits.
std::size_t StdioTransport::write_some(std::string_view bytes, error_code& error) {
    std::size_t taken = 0;
    while (taken < bytes.size() && ready(output_, POLLOUT)) {
        const auto part = bytes.substr(taken, PIPE_BUF);
        const auto size = ::write(output_.number(), part.data(), part.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (size < 0) {
            error = error_code(errno, asio::error::get_system_category());
            break;
        }
        taken += static_cast<std::size_t>(size);
    }
    if (file_ && !ended_ && taken == bytes.size())
        later(&StdioTransport::read_file);
    return taken;
}

void StdioTransport::wait_writable() {
    wants_writable_ = true;
    error_code error;
    if (!output_side_.watched)
        error = set_.add(output_.number(), output_side_, executor_);
    output_side_.watched = !error;
    if (!error)
        set_.rearm(output_.number(), output_side_, true);
    else if (is_always_ready(error))
        later(&StdioTransport::writable);
    else
        fail_later(error);
}

void StdioTransport::writable() {
    if (owner_ && std::exchange(wants_writable_, false))
        events_->on_writable();
}

void StdioTransport::close() noexcept {
    if (std::exchange(input_side_.watched, false))
        set_.remove(input_.number(), input_side_);
    if (std::exchange(output_side_.watched, false))
        set_.remove(output_.number(), output_side_);
    input_.close();
    output_.close();
    const auto owner = std::move(owner_);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
