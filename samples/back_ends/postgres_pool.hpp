// SPDX-License-Identifier: MIT
// A pool of PostgreSQL connections for coroutines, on libpq's non-blocking interface.
#pragma once

#include <costrix/agi.hpp>

#include <cstddef>
#include <libpq-fe.h>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// PostgreSQL cannot be reached, or refuses a query; the text is its own.
struct DatabaseError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// At most `size` connections, opened when they are needed, first come, first served.
///
/// Nothing blocks. A connection that fails is closed, and the next query opens a new one: so the
/// pool recovers by itself when the database is back. Cancelling a query (terminal) closes its
/// connection, since PostgreSQL may still be at work on it.
/// Thread safety: none; use it on one thread. Lifetime: longer than the io_context of its users.
class PostgresPool {
public:
    using Row = std::vector<std::optional<std::string>>;

    /// Throws std::invalid_argument for a `conninfo` that is wrong, or that has a host name but no
    /// hostaddr: libpq resolves names with a call that blocks.
    PostgresPool(std::string conninfo, std::size_t size);

    /// Runs one statement, with `parameters` for $1, $2 …; throws DatabaseError.
    asio::awaitable<std::vector<Row>> query(std::string sql, std::vector<std::string> parameters);

private:
    struct Close {
        void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    };
    using Connection = std::unique_ptr<PGconn, Close>;

    /// The right to one connection. It lives in its coroutine's frame and goes with it.
    class Turn {
    public:
        Turn(PostgresPool& pool, const asio::any_io_executor& executor);
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        asio::awaitable<void> come();

    private:
        PostgresPool& pool_;
        asio::steady_timer woken_;
        bool mine_ = false;
    };

    asio::awaitable<Connection> connect();

    std::string conninfo_;
    std::size_t free_;              // turns that nobody has
    std::list<Turn*> waiting_;      // in order
    std::vector<Connection> idle_;  // of those that are open
};
