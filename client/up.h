// SPDX-License-Identifier: LGPL-2.1-or-later
// `butaca up`: all of Butaca on this machine. Belongs to the main loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "client/cluster.h"
#include "client/options.h"
#include "client/service.h"
#include "src/base/gobject.h"
#include "src/base/json.h"
#include "src/base/loop.h"
#include "src/base/result.h"
#include "src/http/client.h"

namespace butaca::client {

// Where the programs are that `up` starts; all absolute.
struct Programs {
    std::string apps, worker, vs, as;
};

// Runs until SIGINT, SIGTERM or SIGHUP, or until something does not start. Order of starting: PostgreSQL,
// then VS, AS and AppS together; of stopping: AppS (it finishes what it is sending), VS and AS, PostgreSQL.
// Nothing that it started outlives it, even when it is killed.
class Up {
public:
    // `options.data` and all folders are absolute; nobody else uses this data folder meanwhile.
    Up(UpOptions options, Programs programs);
    Up(const Up &) = delete;
    Up &operator=(const Up &) = delete;

    // Blocks. An error has words for people; success means that someone asked us to stop.
    Status run();

private:
    Status prepare();
    Service::Events events();
    void start_servers();
    ServiceSpec origin_spec(const std::string &name, const std::string &program,
                            const std::vector<std::string> &folders, std::uint16_t port) const;
    ServiceSpec apps_spec() const;
    void ask(const std::string &url, std::function<void(const json::Value &)> then);
    void ask_readiness();
    void ask_origin(std::uint16_t port, std::int64_t offered, std::int64_t titles);
    void announce();
    void tell_of_administrator() const;
    std::string first_administrator_file() const;
    void stop();
    void stop_origins();
    void stop_database();
    void give_up(const Service &service);

    UpOptions options_;
    Programs programs_;
    Owned<GMainLoop> loop_;
    std::unique_ptr<Cluster> cluster_;
    std::unique_ptr<Service> vs_, as_, apps_;
    http::Client client_;
    std::unique_ptr<http::Client::Pending> asked_;
    Timer poll_;
    std::int64_t ready_since_us_ = 0; // when AppS first answered; 0 before
    bool stopping_ = false;
    unsigned origins_left_ = 0;
    Status outcome_;
};

// The whole command: options, folders, checks, run(). The status to exit with.
int up_command(std::span<const char *const> arguments);

} // namespace butaca::client
