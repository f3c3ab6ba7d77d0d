// SPDX-License-Identifier: MIT
// A pool of PostgreSQL connections for coroutines, on libpq's non-blocking interface.
#include "postgres_pool.hpp"

#include <string_view>
#include <utility>

namespace {

using Socket = asio::posix::stream_descriptor;

/// Waits for libpq's socket, which is borrowed for this wait: libpq closes it, and may go on with
/// another one.
asio::awaitable<void> ready(PGconn* connection, Socket::wait_type what) {
    struct Borrowed {
        Socket socket;
        ~Borrowed() { socket.release(); }
    };
    const auto executor = co_await asio::this_coro::executor;
    Borrowed borrowed{Socket(executor, PQsocket(connection))};
    co_await borrowed.socket.async_wait(what, asio::use_awaitable);
}

/// The first line of libpq's message; what follows is advice.
DatabaseError failure(std::string_view message) {
    return DatabaseError(std::string(message.substr(0, message.find('\n'))));
}

PostgresPool::Row row(const PGresult* result, int number) {
    PostgresPool::Row columns;
    for (int column = 0; column < PQnfields(result); ++column) {
        auto& value = columns.emplace_back();
        if (!PQgetisnull(result, number, column))
            value = PQgetvalue(result, number, column);
    }
    return columns;
}

void send(PGconn* connection, const std::string& sql, const std::vector<std::string>& parameters) {
    std::vector<const char*> values;
    for (const auto& parameter : parameters)
        values.push_back(parameter.c_str());
    const auto count = static_cast<int>(values.size());
    if (!PQsendQueryParams(
            connection, sql.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0
        ))
        throw failure(PQerrorMessage(connection));
}

asio::awaitable<std::vector<PostgresPool::Row>> receive(PGconn* connection) {
    std::vector<PostgresPool::Row> rows;
    for (int more = 1; more != 0;) {
        more = PQflush(connection);
        if (more < 0)
            throw failure(PQerrorMessage(connection));
        if (more > 0)
            co_await ready(connection, Socket::wait_write);
    }
    for (;;) {
        while (PQisBusy(connection)) {
            co_await ready(connection, Socket::wait_read);
            if (!PQconsumeInput(connection))
                throw failure(PQerrorMessage(connection));
        }
        const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
            PQgetResult(connection), PQclear
        );
        if (!result)
            co_return rows;
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
            throw failure(PQresultErrorMessage(result.get()));
        for (int number = 0; number < PQntuples(result.get()); ++number)
            rows.push_back(row(result.get(), number));
    }
}

/// False when the server has closed the connection meanwhile. The first look may still find what
/// the server said last.
bool alive(PGconn* connection) {
    return PQconsumeInput(connection) && PQconsumeInput(connection) &&
           PQstatus(connection) == CONNECTION_OK;
}

}  // namespace

PostgresPool::PostgresPool(std::string conninfo, std::size_t size)
    : conninfo_(std::move(conninfo)), free_(size) {
    char* wrong = nullptr;
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
        PQconninfoParse(conninfo_.c_str(), &wrong), PQconninfoFree
    );
    const std::unique_ptr<char, void (*)(void*)> message(wrong, PQfreemem);
    if (!options)
        throw std::invalid_argument(message ? message.get() : "out of memory");
    std::string host, address;
    for (const auto* option = options.get(); option->keyword; ++option) {
        const std::string keyword = option->keyword, value = option->val ? option->val : "";
        if (keyword == "host")
            host = value;
        else if (keyword == "hostaddr")
            address = value;
    }
    if (address.empty() && !host.empty() && host[0] != '/')
        throw std::invalid_argument("say hostaddr=… for the host " + host + ", or a socket's path");
}

asio::awaitable<std::vector<PostgresPool::Row>>
PostgresPool::query(std::string sql, std::vector<std::string> parameters) {
    const auto executor = co_await asio::this_coro::executor;
    Turn turn(*this, executor);
    co_await turn.come();
    Connection connection;
    while (!connection && !idle_.empty()) {
        connection = std::move(idle_.back());
        idle_.pop_back();
        if (!alive(connection.get()))
            connection.reset();
    }
    if (!connection)
        connection = co_await connect();
    send(connection.get(), sql, parameters);
    auto rows = co_await receive(connection.get());
    idle_.push_back(std::move(connection));  // whatever is thrown before this closes it
    co_return rows;
}

asio::awaitable<PostgresPool::Connection> PostgresPool::connect() {
    Connection made(PQconnectStart(conninfo_.c_str()));
    auto state = PGRES_POLLING_WRITING;
    while (made && PQstatus(made.get()) != CONNECTION_BAD && state != PGRES_POLLING_OK) {
        auto what = Socket::wait_write;
        if (state == PGRES_POLLING_READING)
            what = Socket::wait_read;
        co_await ready(made.get(), what);
        state = PQconnectPoll(made.get());
    }
    if (state != PGRES_POLLING_OK || PQsetnonblocking(made.get(), 1) != 0)
        throw failure(PQerrorMessage(made.get()));
    co_return made;
}

PostgresPool::Turn::Turn(PostgresPool& pool, const asio::any_io_executor& executor)
    : pool_(pool), woken_(executor, asio::steady_timer::time_point::max()) {
    if (pool_.free_ > 0) {
        --pool_.free_;
        mine_ = true;
    } else {
        pool_.waiting_.push_back(this);
    }
}

asio::awaitable<void> PostgresPool::Turn::come() {
    costrix::error_code ignored;
    if (!mine_)
        co_await woken_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!mine_)  // it was cancelled
        throw costrix::system_error(asio::error::operation_aborted);
}

PostgresPool::Turn::~Turn() {
    if (!mine_) {
        pool_.waiting_.remove(this);
    } else if (pool_.waiting_.empty()) {
        ++pool_.free_;
    } else {
        Turn& next = *pool_.waiting_.front();
        pool_.waiting_.pop_front();
        next.mine_ = true;
        next.woken_.cancel();
    }
}
