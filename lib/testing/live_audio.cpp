// SPDX-License-Identifier: MIT
// The audio connections of a call that is placed to a real server, over TCP.
#include "testing/live_audio.hpp"

#include "platform/sockets.hpp"

#include <array>
#include <exception>
#include <string>
#include <tuple>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

using asio::ip::tcp;

constexpr auto kAsTuple = costrix::as_tuple(asio::use_awaitable);

}  // namespace

class LiveAudioLine : public std::enable_shared_from_this<LiveAudioLine> {
public:
    LiveAudioLine(LiveAudio& owner, std::shared_ptr<AudioLeg> leg)
        : owner_(&owner), leg_(std::move(leg)), socket_(owner.executor_) {}

    void start() {
        asio::co_spawn(
            socket_.get_executor(),
            run(shared_from_this()),
            [self = shared_from_this()](std::exception_ptr error) {
                if (error)
                    self->tell([&] { self->leg_->peer_closed(); });
            }
        );
    }
    /// Writes what Asterisk has to say; closes the connection once Asterisk has.
    void flush() {
        if (!socket_.is_open() || !connected_ || !written_.empty())
            return;
        written_ = leg_->take_output();
        if (written_.empty()) {
            error_code ignored;
            if (!leg_->alive())
                socket_.close(ignored);
            return;
        }
        asio::async_write(
            socket_,
            asio::buffer(written_),
            [self = shared_from_this()](error_code error, std::size_t) {
                self->written_.clear();
                if (!error && self->owner_)
                    self->flush();
            }
        );
    }
    bool over() const { return !leg_->alive() && !socket_.is_open(); }
    /// Its read, which has been cancelled, may end when the owner is gone.
    void leave() noexcept { owner_ = nullptr; }
    void close() {
        owner_ = nullptr;
        error_code ignored;
        socket_.close(ignored);
        leg_->peer_closed();
    }

private:
    template <class Change>
    void tell(Change change) {
        if (!owner_)
            return;
        owner_->before_();
        change();
        owner_->after_();
    }

    static asio::awaitable<void> run(std::shared_ptr<LiveAudioLine> line) {
        line->connected_ = co_await line->connect();
        line->tell([&] { line->connected_ ? line->leg_->connected() : line->leg_->refused(); });
        std::array<char, 4096> buffer;
        while (line->connected_ && line->owner_) {
            const auto [error, size] =
                co_await line->socket_.async_read_some(asio::buffer(buffer), kAsTuple);
            const std::string_view bytes(buffer.data(), size);
            line->tell([&, failed = bool(error)] {
                failed ? line->leg_->peer_closed() : line->leg_->receive(bytes);
            });
            if (error)
                co_return;
        }
    }

    /// To the first address that accepts.
    asio::awaitable<bool> connect() {
        tcp::resolver resolver(socket_.get_executor());
        const auto& [host, port, uuid] = leg_->address();
        const auto service = std::to_string(port);
        const auto [unknown, found] = co_await resolver.async_resolve(host, service, kAsTuple);
        if (unknown)
            co_return false;
        for (const auto& entry : found) {
            if (!owner_)
                break;
            error_code error;
            socket_.close(error);
            agi::detail::open_socket(socket_, entry.endpoint().protocol());
            std::tie(error) = co_await socket_.async_connect(entry.endpoint(), kAsTuple);
            if (!error) {
                socket_.set_option(tcp::no_delay(true), error);
                co_return owner_ != nullptr;
            }
        }
        co_return false;
    }

    LiveAudio* owner_;  // null once that has closed it
    std::shared_ptr<AudioLeg> leg_;
    tcp::socket socket_;
    std::string written_;  // while it is being written
    bool connected_ = false;
};

LiveAudio::LiveAudio(
    asio::any_io_executor executor,
    std::function<void()> before,
    std::function<void()> after
)
    : executor_(std::move(executor)), before_(std::move(before)), after_(std::move(after)) {}

void LiveAudio::serve(const std::vector<std::shared_ptr<AudioLeg>>& legs) {
    for (const auto& leg : legs) {
        lines_.push_back(std::make_shared<LiveAudioLine>(*this, leg));
        lines_.back()->start();
    }
    for (const auto& line : lines_)
        line->flush();
    std::erase_if(lines_, [](const auto& line) {
        const bool over = line->over();
        if (over)
            line->leave();
        return over;
    });
}

void LiveAudio::close() {
    for (const auto& line : std::exchange(lines_, {}))
        line->close();
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
