// SPDX-License-Identifier: LGPL-2.1-or-later
// A PostgreSQL of the test's own: real, private, on a Unix socket, gone with the object.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "client/cluster.h"
#include "store/pg/connection.h"
#include "tests/base/temporary_directory.h"

namespace butaca::test {

// Iterates the default main context until `done` holds. The test program's own time limit is the only one.
void iterate_until(const std::function<bool()> &done);

// Must what was committed outlive crash()? It costs time.
enum class Durable { no, yes };

class Postgres {
public:
    explicit Postgres(Durable durable = Durable::no);
    ~Postgres();

    const std::string &dsn() const { return cluster_->dsn(); }
    // A connection that has to work.
    pg::Connection connect(pg::ConnectOptions options = {});
    // kill -9 of the server, which is started again; returns when it takes connections.
    void crash();

private:
    TemporaryDirectory directory_;
    std::unique_ptr<client::Cluster> cluster_;
};

// One server for all tests of a program; each test begins with an empty schema.
class WithPostgres : public testing::Test {
protected:
    static void SetUpTestSuite();
    void SetUp() override;

    static Postgres *server;
};

} // namespace butaca::test
