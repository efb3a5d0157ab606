// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/server.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include <gst/rtsp-server/rtsp-server.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "src/base/gst.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/playback/rtsp/client.h"
#include "src/playback/rtsp/gated_connection.h"
#include "src/playback/rtsp/hang_up.h"
#include "src/playback/rtsp/request_gate.h"

namespace butaca::playback::rtsp {

namespace {

constexpr int listen_backlog = 128;
// What the kernel may keep for a client that does not read.
constexpr int send_buffer_bytes = 256 * 1024;
constexpr int after_session_s = 10;
constexpr std::chrono::milliseconds sweep_period{1000};
constexpr std::chrono::seconds stop_patience{5};

// Who is connected, by address. Thread-safe.
class Doorkeeper {
public:
    explicit Doorkeeper(const Settings &settings)
        : most_(settings.connections_most), per_address_most_(settings.connections_per_address_most)
    {
    }

    bool enter(const std::string &address)
    {
        std::lock_guard lock(mutex_);
        if (inside_ >= most_ || by_address_[address] >= per_address_most_) {
            refused_++;
            return false;
        }
        by_address_[address]++;
        inside_++;
        accepted_++;
        return true;
    }
    void leave(const std::string &address)
    {
        std::lock_guard lock(mutex_);
        if (auto found = by_address_.find(address); found != by_address_.end() && --found->second == 0)
            by_address_.erase(found);
        inside_--;
        left_.notify_all();
    }
    // False when somebody is still inside after that time.
    bool wait_until_empty(std::chrono::seconds patience)
    {
        std::unique_lock lock(mutex_);
        return left_.wait_for(lock, patience, [this] { return inside_ == 0; });
    }
    void count(Server::Counters &counters) const
    {
        std::lock_guard lock(mutex_);
        counters.connections = inside_;
        counters.accepted = accepted_;
        counters.refused = refused_;
    }

private:
    const unsigned most_;
    const unsigned per_address_most_;
    mutable std::mutex mutex_; // guards what follows
    std::condition_variable left_;
    std::map<std::string, unsigned> by_address_;
    unsigned inside_ = 0;
    std::uint64_t accepted_ = 0;
    std::uint64_t refused_ = 0;
};

// gst-rtsp-server's server, with our clients in it.
struct Desk {
    GstRTSPServer parent;
    std::shared_ptr<Backend> *backend;
    unsigned idle_s;
};
struct DeskClass {
    GstRTSPServerClass parent;
};

// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
GType desk_get_type();
G_DEFINE_TYPE(Desk, desk, GST_TYPE_RTSP_SERVER)
#pragma GCC diagnostic pop

GstRTSPClient *desk_create_client(GstRTSPServer *server)
{
    auto *desk = reinterpret_cast<Desk *>(server);
    auto client = make_client(*desk->backend, desk->idle_s);
    auto threads = adopt(gst_rtsp_server_get_thread_pool(server));
    gst_rtsp_client_set_thread_pool(client.get(), threads.get());
    gst_rtsp_client_set_content_length_limit(client.get(), RequestGate::body_most_bytes);
    g_object_set(client.get(), "post-session-timeout", after_session_s, nullptr);
    return client.release();
}

void desk_finalize(GObject *object)
{
    delete reinterpret_cast<Desk *>(object)->backend;
    G_OBJECT_CLASS(desk_parent_class)->finalize(object);
}

void desk_init(Desk *) {}

void desk_class_init(DeskClass *self_class)
{
    G_OBJECT_CLASS(self_class)->finalize = desk_finalize;
    GST_RTSP_SERVER_CLASS(self_class)->create_client = desk_create_client;
}

tl::unexpected<Error> no_port(const Settings &settings, const GError *error)
{
    return fail(ErrorCode::unavailable, "port " + std::to_string(settings.port) + " cannot be had for RTSP",
                error ? error->message : "");
}

Result<Owned<GSocket>> listen_on(const Settings &settings)
{
    Owned<GError> error;
    auto address = adopt(g_inet_socket_address_new_from_string(settings.address.c_str(), settings.port));
    if (!address)
        return fail(ErrorCode::invalid_argument, "the address to listen on is none");
    auto socket = adopt(g_socket_new(g_socket_address_get_family(address.get()), G_SOCKET_TYPE_STREAM,
                                     G_SOCKET_PROTOCOL_TCP, Out(error)));
    if (!socket)
        return no_port(settings, error.get());
    g_socket_set_blocking(socket.get(), FALSE);
    g_socket_set_listen_backlog(socket.get(), listen_backlog);
    if (!g_socket_bind(socket.get(), address.get(), TRUE, Out(error)) ||
        !g_socket_listen(socket.get(), Out(error)))
        return no_port(settings, error.get());
    return socket;
}

std::string text_of(GSocketAddress *address)
{
    if (!address || !G_IS_INET_SOCKET_ADDRESS(address))
        return {};
    return adopt(g_inet_address_to_string(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address))))
        .get();
}

} // namespace

struct Server::State {
    explicit State(const Settings &settings) : door(std::make_shared<Doorkeeper>(settings)) {}

    std::shared_ptr<Backend> backend;
    std::shared_ptr<Doorkeeper> door;
    Owned<GMainContext> context = adopt(g_main_context_new());
    Owned<GMainLoop> loop = adopt(g_main_loop_new(context.get(), FALSE));
    Owned<GSocket> listener;
    Owned<GstRTSPServer> server;
    std::thread thread;

    void run();
    void accept_all();
    void admit(GSocket *socket);
    void each_client(const std::function<void(GstRTSPClient *)> &work) const;
};

void Server::State::run()
{
    g_main_context_push_thread_default(context.get());
    FdWatch connecting;
    connecting.start(g_socket_get_fd(listener.get()), G_IO_IN, [this](GIOCondition) { accept_all(); });
    Timer sweep;
    sweep.every(sweep_period, [this] {
        each_client([](GstRTSPClient *client) {
            gst_rtsp_session_pool_cleanup(adopt(gst_rtsp_client_get_session_pool(client)).get());
        });
    });
    g_main_loop_run(loop.get());
    connecting.stop();
    g_socket_close(listener.get(), nullptr);
    each_client(hang_up);
    if (!door->wait_until_empty(stop_patience))
        log::warn("rtsp.stopped_hard");
    g_main_context_pop_thread_default(context.get());
}

void Server::State::accept_all()
{
    while (auto socket = adopt(g_socket_accept(listener.get(), nullptr, nullptr)))
        admit(socket.get());
}

void Server::State::admit(GSocket *socket)
{
    auto remote = adopt(g_socket_get_remote_address(socket, nullptr));
    const std::string address = text_of(remote.get());
    if (address.empty() || !door->enter(address))
        return;
    gate(socket);
    // Packets are small and have a time.
    g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, nullptr);
    g_socket_set_option(socket, SOL_SOCKET, SO_SNDBUF, send_buffer_bytes, nullptr);
    struct Visit {
        std::shared_ptr<Doorkeeper> door;
        std::string address;
    };
    // The client is made inside of the call that follows, and may be gone before that returns.
    auto *visit = new Visit{door, address};
    auto connected = g_signal_connect_data(
        server.get(), "client-connected",
        G_CALLBACK(+[](GstRTSPServer *, GstRTSPClient *client, gpointer data) {
            g_object_set_data_full(G_OBJECT(client), "butaca-visit", data, [](gpointer gone) {
                auto *visit_over = static_cast<Visit *>(gone);
                visit_over->door->leave(visit_over->address);
                delete visit_over;
            });
        }),
        visit, nullptr, static_cast<GConnectFlags>(0));
    const auto port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(remote.get()));
    const bool taken = gst_rtsp_server_transfer_connection(server.get(), share(socket).release(),
                                                           address.c_str(), port, nullptr);
    g_signal_handler_disconnect(server.get(), connected);
    if (!taken) {
        door->leave(address);
        delete visit;
    }
}

void Server::State::each_client(const std::function<void(GstRTSPClient *)> &work) const
{
    auto visit = [](GstRTSPServer *, GstRTSPClient *client, gpointer data) -> GstRTSPFilterResult {
        (*static_cast<const std::function<void(GstRTSPClient *)> *>(data))(client);
        return GST_RTSP_FILTER_KEEP;
    };
    auto *visited = const_cast<std::function<void(GstRTSPClient *)> *>(&work);
    g_list_free_full(gst_rtsp_server_client_filter(server.get(), visit, visited), g_object_unref);
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Server>> Server::start(const Settings &settings, SegmentService &segments,
                                              Tickets tickets)
{
    Owned<GError> error;
    if (!gst_init_check(nullptr, nullptr, Out(error)))
        return fail(ErrorCode::unavailable, "GStreamer cannot be started", error ? error->message : "");
    register_gated_connection();
    auto listener = listen_on(settings);
    if (!listener)
        return fail(listener.error());
    auto state = std::make_unique<State>(settings);
    state->backend = std::make_shared<Backend>(segments, std::move(tickets));
    state->listener = std::move(*listener);
    auto *desk = static_cast<Desk *>(g_object_new(desk_get_type(), nullptr));
    desk->backend = new std::shared_ptr<Backend>(state->backend);
    desk->idle_s = settings.idle_s;
    state->server = adopt(GST_RTSP_SERVER(desk));
    auto threads = adopt(gst_rtsp_server_get_thread_pool(state->server.get()));
    gst_rtsp_thread_pool_set_max_threads(threads.get(), -1);
    state->thread = std::thread([raw = state.get()] { raw->run(); });
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::~Server()
{
    state_->backend->detach();
    g_main_loop_quit(state_->loop.get());
    state_->thread.join();
}

std::uint16_t Server::port() const
{
    auto local = adopt(g_socket_get_local_address(state_->listener.get(), nullptr));
    return local ? g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(local.get())) : 0;
}

Server::Counters Server::counters() const
{
    Counters counters;
    state_->door->count(counters);
    state_->each_client([&counters](GstRTSPClient *client) {
        counters.sessions +=
            gst_rtsp_session_pool_get_n_sessions(adopt(gst_rtsp_client_get_session_pool(client)).get());
    });
    return counters;
}

} // namespace butaca::playback::rtsp
