// SPDX-License-Identifier: MIT
// Classic AGI's transport: a descriptor to read from and one to write to.
#include "transport/stdio_transport.hpp"

#include <costrix/asio.hpp>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
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

// What Asio says of a descriptor that never makes anybody wait, such as /dev/null, where its
// reactor takes no such descriptor (epoll_reactor::start_op).
constexpr auto kAlwaysReady = asio::error::operation_not_supported;

/// Whether it has its end already.
bool is_file(const Descriptor& descriptor) noexcept {
    struct stat what {};
    return ::fstat(descriptor.number(), &what) == 0 &&
           (S_ISREG(what.st_mode) || S_ISDIR(what.st_mode));
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

StdioTransport::StdioTransport(
    asio::any_io_executor executor,
    Descriptor input,
    Descriptor output,
    std::function<void()> before_read
)
    : executor_(std::move(executor)),
      input_{std::move(input), asio::posix::stream_descriptor(executor_)},
      output_{std::move(output), asio::posix::stream_descriptor(executor_)},
      before_read_(std::move(before_read)) {}

void StdioTransport::start(TransportEvents& events, std::shared_ptr<void> owner) {
    events_ = &events;
    owner_ = std::move(owner);
    file_ = is_file(input_.descriptor);
    if (file_)
        later(&StdioTransport::read_file);
    else
        wait(input_, asio::posix::stream_descriptor::wait_read, &StdioTransport::read);
}

/// Asio makes a descriptor non-blocking before it waits for it the first time, which is undone.
void StdioTransport::wait(Side& side, asio::posix::stream_descriptor::wait_type what, Step then) {
    const bool first = !side.watched.is_open();
    const int number = side.descriptor.number(), flags = first ? ::fcntl(number, F_GETFL) : 0;
    if (first)
        side.watched.assign(number, failure_);
    if (failure_) {
        later(&StdioTransport::report_failure);
        return;
    }
    side.watched.async_wait(what, [this, then, self = owner_](error_code error) {
        if (!owner_)
            return;
        const bool failed = error && error != kAlwaysReady;
        failure_ = failed ? error : failure_;
        attempt(failed ? &StdioTransport::report_failure : then);
    });
    if (first && flags >= 0 && (flags & O_NONBLOCK) == 0)
        ::fcntl(number, F_SETFL, flags);
}

/// What the system does not let be watched would otherwise be waited for without end.
void StdioTransport::report_failure() {
    if (!ended_)
        deliver(failure_, {});
}

void StdioTransport::later(Step what) {
    asio::post(executor_, [this, what, self = owner_] {
        if (owner_ && !ended_)
            attempt(what);
    });
}

/// An exception, such as bad_alloc, ends this session and nothing else.
void StdioTransport::attempt(Step what) noexcept {
    try {
        (this->*what)();
    } catch (...) {
        fail();
    }
}

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

void StdioTransport::read() {
    std::array<char, kReadSize> buffer;
    if (ready(input_.descriptor, POLLIN)) {
        error_code error;
        const auto size = read_some(input_.descriptor.number(), buffer, error);
        deliver(error, std::string_view(buffer.data(), size));
    }
    if (owner_ && !ended_)
        wait(input_, asio::posix::stream_descriptor::wait_read, &StdioTransport::read);
}

/// A file has the replies before the commands are sent. It is read as if somebody typed it: the
/// environment, then a reply for each command.
void StdioTransport::read_file() {
    std::array<char, kReadSize> buffer;
    error_code error;
    std::size_t size = 0;
    while (!error && (size = part_size(ahead_, !environment_read_)) == 0 &&
           ahead_.size() < kMaxAhead) {
        const auto more = read_some(input_.descriptor.number(), buffer, error);
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
    while (taken < bytes.size() && ready(output_.descriptor, POLLOUT)) {
        const auto part = bytes.substr(taken, PIPE_BUF);
        const auto size = ::write(output_.descriptor.number(), part.data(), part.size());
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
    if (!std::exchange(wants_writable_, true))
        wait(output_, asio::posix::stream_descriptor::wait_write, &StdioTransport::writable);
}

void StdioTransport::writable() {
    if (std::exchange(wants_writable_, false))
        events_->on_writable();
}

void StdioTransport::close() noexcept {
    for (auto* const side : {&input_, &output_}) {
        if (side->watched.is_open())
            side->descriptor.release();
        error_code ignored;
        side->watched.close(ignored);
        side->descriptor.close();
    }
    const auto owner = std::move(owner_);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
