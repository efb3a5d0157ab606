// SPDX-License-Identifier: LGPL-2.1-or-later
// A private PostgreSQL: a cluster in a folder of ours, reached through a Unix socket that only its user may
// open. Belongs to the main loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "client/service.h"
#include "src/base/loop.h"
#include "src/base/result.h"

namespace butaca::client {

struct ClusterSettings {
    // All of it lives here. As root it belongs to the user postgres, for PostgreSQL refuses to run as root;
    // where that user cannot reach the folder, one below /var/lib/butaca is used instead.
    std::string folder;
    std::string log;
    bool durable = true; // false: a crash of the machine may lose everything; for tests
    // Told what takes a while or may surprise, in words for people.
    std::function<void(const std::string &)> tell = [](const std::string &) {};
};

class Cluster {
public:
    // Makes the cluster where there is none yet and stops a server that an earlier run left behind on it.
    // Blocks for a second or so and iterates the default main context. The caller makes sure that nobody else
    // prepares the same folder. `unsupported` when the PostgreSQL that it needs is not installed.
    static Result<std::unique_ptr<Cluster>> prepare(ClusterSettings settings);

    // Starts the server and keeps it running. `ready` is called once, when it takes connections.
    void start(Service::Events events, std::function<void()> ready);
    // Fast shutdown: open transactions are rolled back, all else is on disk when `done` is called.
    void stop(std::function<void()> done);

    // The connection string of its only database, for the superuser that owns it.
    const std::string &dsn() const { return dsn_; }
    pid_t pid() const { return service_ ? service_->pid() : 0; }

private:
    struct User;
    Cluster(ClusterSettings settings, std::string programs);
    Status make_folders(const User &user);
    Status make_cluster(const User &user);
    Status stop_leftover();
    bool takes_connections() const;

    ClusterSettings settings_;
    std::string programs_; // the folder of initdb and postgres
    std::string data_;
    std::string socket_folder_;
    std::string dsn_;
    std::vector<std::string> wrapper_; // becomes the right user, dies with us
    std::unique_ptr<Service> service_;
    Timer poll_;
};

} // namespace butaca::client
