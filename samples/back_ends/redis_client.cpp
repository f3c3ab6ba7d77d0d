// SPDX-License-Identifier: MIT
// A Redis client for coroutines: hiredis on Asio.
#include "redis_client.hpp"

#include <cstdlib>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <optional>
#include <utility>

namespace {

using Socket = asio::posix::stream_descriptor;

/// A command whose coroutine waits on the timer: for the reply, an error, or the time-out.
struct Pending {
    Pending(const asio::any_io_executor& executor, std::chrono::milliseconds timeout)
        : timer(executor, timeout) {}

    asio::steady_timer timer;
    std::optional<RedisReply> reply;
    std::string error;
};

/// hiredis calls this exactly once per command, with no reply if the connection ends first.
void finish(redisAsyncContext* context, void* reply, void* data) {
    const std::unique_ptr<std::shared_ptr<Pending>> owned(
        static_cast<std::shared_ptr<Pending>*>(data)
    );
    Pending& pending = **owned;
    if (const auto* got = static_cast<redisReply*>(reply)) {
        auto& text = got->type == REDIS_REPLY_ERROR ? pending.error : pending.reply.emplace().text;
        if (got->str)
            text.assign(got->str, got->len);
        if (got->type == REDIS_REPLY_INTEGER)
            pending.reply->number = got->integer;
    } else {
        pending.error = context->err ? context->errstr : "the connection was closed";
    }
    pending.timer.cancel();  // resumes the coroutine, but not within hiredis
}

}  // namespace

/// Waits for hiredis's socket as hiredis asks. It lives until its last wait has ended.
class RedisConnection : public std::enable_shared_from_this<RedisConnection> {
public:
    RedisConnection(const asio::any_io_executor& executor, redisAsyncContext* context)
        : socket_(executor, context->c.fd), context_(context) {
        context->ev.data = this;
        context->ev.addRead = [](void* self) { of(self).want(Socket::wait_read, true); };
        context->ev.delRead = [](void* self) { of(self).want(Socket::wait_read, false); };
        context->ev.addWrite = [](void* self) { of(self).want(Socket::wait_write, true); };
        context->ev.delWrite = [](void* self) { of(self).want(Socket::wait_write, false); };
        context->ev.cleanup = [](void* self) {
            of(self).context_ = nullptr;
            of(self).socket_.release();  // hiredis closes it; ends the waits
        };
    }
    redisAsyncContext* context() const noexcept { return context_; }
    void close() {
        if (context_)
            redisAsyncFree(context_);
    }

private:
    struct Direction {
        bool wanted = false, waiting = false;
    };
    static RedisConnection& of(void* self) { return *static_cast<RedisConnection*>(self); }

    Direction& direction(Socket::wait_type what) {
        return what == Socket::wait_read ? read_ : write_;
    }
    void want(Socket::wait_type what, bool wanted) {
        direction(what).wanted = wanted;
        if (!wanted || std::exchange(direction(what).waiting, true))
            return;
        socket_.async_wait(what, [self = shared_from_this(), what](const auto& error) {
            self->direction(what).waiting = false;
            if (error || !self->context_ || !self->direction(what).wanted)
                return;
            if (what == Socket::wait_read)
                redisAsyncHandleRead(self->context_);
            else
                redisAsyncHandleWrite(self->context_);
        });
    }

    Socket socket_;
    redisAsyncContext* context_;  // null when hiredis has ended it
    Direction read_, write_;
};

RedisClient::RedisClient(
    asio::any_io_executor executor,
    std::string address,
    std::chrono::milliseconds timeout
)
    : executor_(std::move(executor)), host_(std::move(address)), timeout_(timeout) {
    if (host_.starts_with('/'))
        return;
    const auto colon = host_.rfind(':');
    port_ = colon == std::string::npos ? 6379 : std::atoi(host_.c_str() + colon + 1);
    host_ = asio::ip::make_address(host_.substr(0, colon)).to_string();
}

void RedisClient::close() {
    if (connection_)
        connection_->close();
}

std::shared_ptr<RedisConnection> RedisClient::connection() {
    if (connection_ && connection_->context())
        return connection_;
    auto* context =
        port_ != 0 ? redisAsyncConnect(host_.c_str(), port_) : redisAsyncConnectUnix(host_.c_str());
    if (!context)
        throw std::bad_alloc();
    if (context->err) {
        const RedisError error(context->errstr);
        redisAsyncFree(context);
        throw error;
    }
    connection_ = std::make_shared<RedisConnection>(executor_, context);
    return connection_;
}

asio::awaitable<RedisReply> RedisClient::command(std::vector<std::string> words) {
    const auto executor = co_await asio::this_coro::executor;
    const auto pending = std::make_shared<Pending>(executor, timeout_);
    const auto used = connection();
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto& word : words) {
        texts.push_back(word.data());
        sizes.push_back(word.size());
    }
    auto data = std::make_unique<std::shared_ptr<Pending>>(pending);
    const auto count = static_cast<int>(words.size());
    if (redisAsyncCommandArgv(
            used->context(), finish, data.get(), count, texts.data(), sizes.data()
        ) != REDIS_OK)
        throw RedisError("the connection is closing");
    data.release();
    costrix::error_code error;
    co_await pending->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (pending->reply)
        co_return std::move(*pending->reply);
    if (!pending->error.empty())
        throw RedisError(pending->error);
    if (error)  // neither a reply nor an error nor the time: this coroutine was cancelled
        throw costrix::system_error(error);
    used->close();
    throw RedisError("no answer within " + std::to_string(timeout_.count()) + " ms");
}
