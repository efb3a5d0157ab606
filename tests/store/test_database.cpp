// SPDX-License-Identifier: LGPL-2.1-or-later
#include <atomic>
#include <thread>

#include "store/pg/database.h"
#include "tests/support/postgres.h"

using namespace butaca;

namespace {

class Database : public test::WithPostgres {};
class Connections : public test::WithPostgres {};

constexpr pg::Statement one{"test.one", "select 1"};
constexpr pg::Statement backend{"test.backend", "select pg_backend_pid()"};

Result<std::int64_t> number(pg::Connection &connection, const pg::Statement &statement)
{
    auto rows = connection.exec(statement);
    if (!rows)
        return fail(std::move(rows).error());
    return (*rows)[0].integer(0);
}

} // namespace

TEST_F(Database, RunsOnAnotherThreadAndAnswersOnTheLoop)
{
    pg::Database database(server->dsn(), 2);
    const auto loop_thread = std::this_thread::get_id();
    bool elsewhere = false, answered = false;
    ASSERT_TRUE(database.call<std::int64_t>(
        [&](pg::Connection &connection) {
            elsewhere = std::this_thread::get_id() != loop_thread;
            return number(connection, one);
        },
        [&](Result<std::int64_t> result) {
            EXPECT_EQ(std::this_thread::get_id(), loop_thread);
            ASSERT_TRUE(result);
            EXPECT_EQ(*result, 1);
            answered = true;
        }));
    test::iterate_until([&] { return answered; });
    EXPECT_TRUE(elsewhere);
}

TEST_F(Database, WorksAgainAfterTheServerCrashed)
{
    pg::Database database(server->dsn(), 1);
    auto ask = [&] {
        std::optional<Result<std::int64_t>> answer;
        EXPECT_TRUE(
            database.call<std::int64_t>([](pg::Connection &connection) { return number(connection, one); },
                                        [&](Result<std::int64_t> result) { answer = std::move(result); }));
        test::iterate_until([&] { return answer.has_value(); });
        return std::move(*answer);
    };
    ASSERT_TRUE(ask());
    server->crash();
    auto answer = ask();
    ASSERT_TRUE(answer) << answer.error().detail;
}

TEST_F(Connections, AreKeptForTheNextOne)
{
    pg::Connections connections(server->dsn(), {});
    auto first = connections.take();
    ASSERT_TRUE(first);
    const auto pid = number(*first, backend);
    connections.give_back(std::move(*first));
    auto second = connections.take();
    ASSERT_TRUE(second);
    EXPECT_EQ(*number(*second, backend), *pid);
}

TEST_F(Connections, AreNotKeptWithATransactionLeftOpen)
{
    pg::Connections connections(server->dsn(), {});
    auto first = connections.take();
    ASSERT_TRUE(first);
    const auto pid = number(*first, backend);
    ASSERT_TRUE(first->run_script("begin"));
    connections.give_back(std::move(*first));
    auto second = connections.take();
    ASSERT_TRUE(second);
    EXPECT_NE(*number(*second, backend), *pid);
}

TEST_F(Connections, FailAtOnceWhileTheServerIsDownAndTryAgainLater)
{
    std::chrono::steady_clock::time_point now{};
    pg::Connections connections("host=/nonexistent", {}, [&now] { return now; });
    EXPECT_FALSE(connections.take());
    auto refused = connections.take();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_NE(refused.error().detail.find("waiting"), std::string::npos);
    now += std::chrono::milliseconds(100);
    auto tried = connections.take();
    ASSERT_FALSE(tried);
    EXPECT_EQ(tried.error().detail.find("waiting"), std::string::npos) << tried.error().detail;
    now += std::chrono::milliseconds(150); // the pause has doubled by now
    EXPECT_NE(connections.take().error().detail.find("waiting"), std::string::npos);
}
