// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/pg/connection.h"
#include "tests/support/postgres.h"

using namespace butaca;

namespace {

class Connection : public test::WithPostgres {};
class Transaction : public test::WithPostgres {};

constexpr pg::Statement echo{"test.echo", "select $1::text, $2::int8, $3::bool, $4::bytea, $5::text"};
constexpr pg::Statement add{"test.add", "insert into things (id) values ($1)"};
constexpr pg::Statement count{"test.count", "select count(*) from things"};

std::int64_t count_things(pg::Connection &connection) { return (*connection.exec(count))[0].integer(0); }

} // namespace

TEST_F(Connection, BringsEveryTypeThereAndBack)
{
    auto connection = server->connect();
    const std::string bytes("\0\x01\xff'\\", 5);
    auto rows = connection.exec(
        echo, {"¿qué? '; drop", std::int64_t{INT64_MIN}, true, pg::Param::Bytes{bytes}, std::nullopt});
    ASSERT_TRUE(rows) << rows.error().detail;
    ASSERT_EQ(rows->size(), 1);
    const pg::Row row = (*rows)[0];
    EXPECT_EQ(row.text(0), "¿qué? '; drop");
    EXPECT_EQ(row.integer(1), INT64_MIN);
    EXPECT_TRUE(row.boolean(2));
    EXPECT_EQ(row.bytes(3), bytes);
    EXPECT_EQ(row.maybe_text(4), std::nullopt);
}

TEST_F(Connection, ReadsArraysWithAnyCharacters)
{
    constexpr pg::Statement unnest{"test.unnest", "select unnest($1::text[])"};
    const std::vector<std::string> elements{"a", "", "\"quoted\"", "back\\slash", "{,}", "NULL", "ñ"};
    auto connection = server->connect();
    auto rows = connection.exec(unnest, {pg::text_array(elements)});
    ASSERT_TRUE(rows) << rows.error().detail;
    std::vector<std::string> back;
    for (const pg::Row row : *rows)
        back.push_back(row.text(0));
    EXPECT_EQ(back, elements);
}

TEST_F(Connection, RefusesTextThatWouldBeCutAtItsNul)
{
    auto connection = server->connect();
    auto rows = connection.exec(echo, {std::string("a\0b", 3), 1, true, pg::Param::Bytes{""}, std::nullopt});
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::invalid_argument);
}

TEST_F(Connection, CallsAViolatedUniqueConstraintAConflictAndNamesIt)
{
    auto connection = server->connect();
    ASSERT_TRUE(connection.run_script("create table things (id int8 constraint one_each unique)"));
    ASSERT_TRUE(connection.exec(add, {1}));
    auto again = connection.exec(add, {1});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::conflict);
    EXPECT_EQ(connection.last_failure().constraint, "one_each");
    EXPECT_EQ(again.error().detail.find("(1)"), std::string::npos) << "the values stay out of the log";
    EXPECT_TRUE(connection.usable());
}

TEST_F(Connection, CallsBytesThatAreNoUtf8TheAskersFault)
{
    auto connection = server->connect();
    auto rows = connection.exec(echo, {"\xff\xfe", 1, true, pg::Param::Bytes{""}, std::nullopt});
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::invalid_argument);
}

TEST_F(Connection, IsCutShortByTheStatementTimeout)
{
    constexpr pg::Statement sleep{"test.sleep", "select pg_sleep(3600)"};
    pg::ConnectOptions options;
    options.statement_timeout = std::chrono::milliseconds(20);
    auto connection = server->connect(options);
    auto rows = connection.exec(sleep);
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::timeout);
    EXPECT_TRUE(connection.usable());
}

TEST_F(Connection, SaysThatNobodyAnswers)
{
    auto connection = pg::Connection::connect("host=/nonexistent");
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().code, ErrorCode::unavailable);
    EXPECT_GT(connection.error().retry_after_s, 0U);
}

TEST_F(Transaction, LeavesNothingWhenItsWorkFails)
{
    auto connection = server->connect();
    ASSERT_TRUE(connection.run_script("create table things (id int8)"));
    Status done = pg::in_transaction(connection, [](pg::Connection &inside) -> Status {
        if (auto added = inside.exec(add, {1}); !added)
            return fail(std::move(added).error());
        return fail(ErrorCode::forbidden, "on second thoughts");
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::forbidden);
    EXPECT_EQ(count_things(connection), 0);
    EXPECT_FALSE(connection.in_transaction());
}

TEST_F(Transaction, DoesNotCallARollbackACommit)
{
    auto connection = server->connect();
    ASSERT_TRUE(connection.run_script("create table things (id int8 unique)"));
    Status done = pg::in_transaction(connection, [](pg::Connection &inside) -> Status {
        for (int i = 0; i < 2; ++i)
            if (auto ignored = inside.exec(add, {1}); !ignored)
                return {};
        return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::internal);
    EXPECT_EQ(count_things(connection), 0);
}

TEST_F(Transaction, IsRepeatedWhenAnotherOneGotInItsWay)
{
    auto connection = server->connect();
    auto rival = server->connect();
    ASSERT_TRUE(connection.run_script("create table things (id int8); insert into things values (1);"
                                      "set default_transaction_isolation = 'serializable'"));
    int runs = 0;
    Status done = pg::in_transaction(connection, [&](pg::Connection &inside) -> Status {
        ++runs;
        count_things(inside); // takes the snapshot
        if (runs == 1 && !rival.run_script("update things set id = 10"))
            return fail(ErrorCode::internal, "the rival failed");
        return inside.run_script("update things set id = id + 1");
    });
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(runs, 2);
    constexpr pg::Statement get{"test.get", "select id from things"};
    EXPECT_EQ((*connection.exec(get))[0].integer(0), 11);
}
