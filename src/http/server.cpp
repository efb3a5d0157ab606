// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/server.h"

#include <algorithm>
#include <csignal>

#include <sys/random.h>
#include <sys/socket.h>

#include "src/base/encoding.h"
#include "src/base/log.h"
#include "src/http/acceptor.h"
#include "src/http/connection.h"

namespace butaca::http {

namespace {

std::chrono::milliseconds sweep_period(const ServerSettings &settings)
{
    const auto least = std::min({settings.header_deadline, settings.idle_deadline, settings.stall_deadline});
    return std::clamp(least / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(500));
}

std::string random_prefix()
{
    std::array<std::uint8_t, 6> bytes{};
    if (getrandom(bytes.data(), bytes.size(), 0) < 0)
        return "r-";
    return to_hex(bytes) + "-";
}

void refuse_connection(const Fd &socket)
{
    // One static text: under a flood there is nothing to spare for each refusal.
    constexpr std::string_view answer =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: 89\r\n"
        "Retry-After: 5\r\nConnection: close\r\n\r\n"
        "{\"type\":\"/problems/unavailable\",\"title\":\"There are too many connections\",\"status\":503   }";
    [[maybe_unused]] const auto sent =
        send(socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(socket.get(), SHUT_WR);
}

} // namespace

void Core::forget(Connection &connection, const std::string &peer)
{
    connections.erase(&connection);
    counters.open_connections--;
    auto found = connections_of_address.find(peer);
    if (found != connections_of_address.end() && --found->second == 0)
        connections_of_address.erase(found);
    if (on_connection_closed)
        on_connection_closed();
}

struct Server::State {
    std::shared_ptr<Core> core;
    std::unique_ptr<Acceptor> acceptor;
    Timer sweep;
    Timer grace;
    std::function<void()> drained;

    void accepted(Fd socket, std::string peer);
    void sweep_all();
    void cut_all();
    void check_drained();
};

void Server::State::accepted(Fd socket, std::string peer)
{
    Core &all = *core;
    const auto &settings = all.settings;
    const auto found = all.connections_of_address.find(peer);
    const unsigned of_address = found == all.connections_of_address.end() ? 0 : found->second;
    if (all.counters.open_connections >= settings.connections_most ||
        of_address >= settings.connections_per_address_most) {
        all.counters.connections_refused++;
        log::debug("http.connection_refused", {{"peer", peer}, {"of_address", of_address}});
        return refuse_connection(socket);
    }
    auto connection = std::make_shared<Connection>(core, std::move(socket), peer);
    if (!connection->start())
        return;
    all.counters.connections++;
    all.counters.open_connections++;
    all.connections_of_address[std::move(peer)]++;
    all.connections.emplace(connection.get(), connection);
    if (!sweep.running())
        sweep.every(sweep_period(settings), [this] { sweep_all(); });
}

void Server::State::sweep_all()
{
    const auto all = core;
    // A copy, for each call may close connections or end the server.
    std::vector<std::shared_ptr<Connection>> connections;
    connections.reserve(all->connections.size());
    for (const auto &[key, connection] : all->connections)
        connections.push_back(connection);
    if (connections.empty())
        return sweep.stop();
    const auto now = Connection::Clock::now();
    for (const auto &connection : connections)
        connection->sweep(now);
}

void Server::State::cut_all()
{
    const auto all = core;
    while (!all->connections.empty()) {
        const auto connection = all->connections.begin()->second;
        connection->cut("server");
    }
}

void Server::State::check_drained()
{
    if (!core->connections.empty() || !drained)
        return;
    grace.stop();
    // By way of the loop, for we are in the middle of a connection's end.
    post(std::exchange(drained, nullptr));
}

Result<std::unique_ptr<Server>> Server::start(ServerSettings settings, std::vector<Route> routes)
{
    // sendfile(2) to a closed socket would end the process.
    std::signal(SIGPIPE, SIG_IGN);
    auto state = std::make_unique<State>();
    State *raw = state.get();
    state->core = std::make_shared<Core>(std::move(settings), std::move(routes));
    Core &core = *state->core;
    core.id_prefix = random_prefix();
    state->acceptor = std::make_unique<Acceptor>(core.poller, [raw](Fd socket, std::string peer) {
        raw->accepted(std::move(socket), std::move(peer));
    });
    if (auto bound = state->acceptor->listen(core.settings.address, core.settings.port); !bound)
        return fail(std::move(bound.error()));
    const bool v6 = core.settings.address.find(':') != std::string::npos;
    core.authority = (v6 ? "[" + core.settings.address + "]" : core.settings.address) + ":" +
                     std::to_string(state->acceptor->port());
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server()
{
    state_->drained = nullptr;
    state_->core->on_connection_closed = nullptr;
    state_->acceptor->stop();
    state_->cut_all();
}

std::uint16_t Server::port() const { return state_->acceptor->port(); }

const ServerCounters &Server::counters() const { return state_->core->counters; }

void Server::drain(std::chrono::milliseconds grace, std::function<void()> done)
{
    State *state = state_.get();
    state->acceptor->stop();
    state->core->draining = true;
    state->drained = std::move(done);
    state->core->on_connection_closed = [state] { state->check_drained(); };
    state->grace.once(grace, [state] { state->cut_all(); });
    std::vector<std::shared_ptr<Connection>> connections;
    for (const auto &[key, connection] : state->core->connections)
        connections.push_back(connection);
    for (const auto &connection : connections)
        connection->retire();
    state->check_drained();
}

} // namespace butaca::http
