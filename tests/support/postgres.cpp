// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/postgres.h"

#include <csignal>

#include <sys/stat.h>

namespace butaca::test {

void iterate_until(const std::function<bool()> &done)
{
    while (!done())
        g_main_context_iteration(nullptr, TRUE);
}

Postgres::Postgres(Durable durable)
{
    // As root the server runs as another user, who has to get in.
    chmod(directory_.path().c_str(), 0755);
    client::ClusterSettings settings;
    settings.folder = directory_.at("postgresql");
    settings.log = directory_.at("postgresql.log");
    settings.durable = durable == Durable::yes;
    auto cluster = client::Cluster::prepare(std::move(settings));
    if (!cluster) {
        ADD_FAILURE() << cluster.error().message << ": " << cluster.error().detail << "\n"
                      << client::end_of(directory_.at("postgresql.log"), 4000);
        std::abort();
    }
    cluster_ = std::move(*cluster);
    bool ready = false;
    client::Service::Events events;
    events.ended = [](const client::Service &, const std::string &, std::chrono::milliseconds) {};
    events.gave_up = [this](const client::Service &) {
        ADD_FAILURE() << client::end_of(directory_.at("postgresql.log"), 4000);
        std::abort();
    };
    cluster_->start(std::move(events), [&ready] { ready = true; });
    iterate_until([&ready] { return ready; });
}

Postgres::~Postgres()
{
    bool stopped = false;
    cluster_->stop([&stopped] { stopped = true; });
    iterate_until([&stopped] { return stopped; });
}

pg::Connection Postgres::connect(pg::ConnectOptions options)
{
    auto connection = pg::Connection::connect(dsn(), options);
    if (!connection) {
        ADD_FAILURE() << connection.error().detail;
        std::abort();
    }
    return std::move(*connection);
}

void Postgres::crash()
{
    const pid_t before = cluster_->pid();
    ::kill(before, SIGKILL);
    iterate_until([&] { return cluster_->pid() != before && cluster_->pid() != 0; });
    while (!pg::Connection::connect(dsn()))
        g_main_context_iteration(nullptr, FALSE);
}

namespace {

// The server is started with the first test that needs it and stopped after the last one.
class Shared : public testing::Environment {
public:
    void TearDown() override { postgres_.reset(); }
    Postgres *get()
    {
        if (!postgres_)
            postgres_ = std::make_unique<Postgres>();
        return postgres_.get();
    }

private:
    std::unique_ptr<Postgres> postgres_;
};

// gtest owns it. Environments have to be there before the tests begin.
Shared *const shared = [] {
    auto *made = new Shared;
    testing::AddGlobalTestEnvironment(made);
    return made;
}();

} // namespace

Postgres *WithPostgres::server = nullptr;

void WithPostgres::SetUpTestSuite() { server = shared->get(); }

void WithPostgres::SetUp()
{
    auto connection = server->connect();
    ASSERT_TRUE(connection.run_script("drop schema public cascade; create schema public"));
}

} // namespace butaca::test
