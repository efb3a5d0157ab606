// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/acceptor.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "src/base/log.h"

namespace butaca::http {

namespace {

constexpr int backlog = 1024;
constexpr int accepts_per_turn = 64;
constexpr std::chrono::milliseconds pause_without_descriptors{200};

union Address {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

bool parse(const std::string &text, std::uint16_t port, Address &address, socklen_t &size_bytes)
{
    std::memset(&address, 0, sizeof address);
    if (inet_pton(AF_INET, text.c_str(), &address.v4.sin_addr) == 1) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons(port);
        size_bytes = sizeof address.v4;
        return true;
    }
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
    size_bytes = sizeof address.v6;
    return inet_pton(AF_INET6, text.c_str(), &address.v6.sin6_addr) == 1;
}

std::string text_of(const Address &address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.any.sa_family == AF_INET6)
        inet_ntop(AF_INET6, &address.v6.sin6_addr, text.data(), text.size());
    else
        inet_ntop(AF_INET, &address.v4.sin_addr, text.data(), text.size());
    const std::string_view shown = text.data();
    constexpr std::string_view mapped = "::ffff:";
    const bool is_mapped = shown.starts_with(mapped) && shown.find('.') != std::string_view::npos;
    return std::string(is_mapped ? shown.substr(mapped.size()) : shown);
}

void tune(int socket)
{
    const int on = 1;
    // Without TCP_NODELAY a response in two writes waits for the client's delayed acknowledgement (40 ms).
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A client whose machine vanished sends nothing ever again; the kernel must ask.
    const int idle_s = 60;
    const int interval_s = 10;
    const int probes = 3;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

} // namespace

Status Acceptor::listen(const std::string &address, std::uint16_t port)
{
    Address bound;
    socklen_t size_bytes = 0;
    if (!parse(address, port, bound, size_bytes))
        return fail(ErrorCode::invalid_argument,
                    "the address to listen on must be numeric, such as 127.0.0.1", address);
    Fd socket(::socket(bound.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (socket)
        setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!socket || bind(socket.get(), &bound.any, size_bytes) != 0 || ::listen(socket.get(), backlog) != 0) {
        const int reason = errno;
        return fail(ErrorCode::unavailable, "cannot listen on " + address + " port " + std::to_string(port) +
                                                " (" + g_strerror(reason) +
                                                "): stop the program that uses it or configure another port");
    }
    getsockname(socket.get(), &bound.any, &size_bytes);
    port_ = ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
    socket_ = std::move(socket);
    watch_ = poller_.add(socket_.get(), EPOLLIN, [this](std::uint32_t) { accept_some(); });
    if (watch_ == 0)
        return fail(ErrorCode::internal, "cannot watch the listening socket", g_strerror(errno));
    return {};
}

void Acceptor::stop()
{
    poller_.remove(watch_);
    watch_ = 0;
    socket_.reset();
    pause_.stop();
}

void Acceptor::accept_some()
{
    for (int i = 0; i < accepts_per_turn && socket_; i++) {
        Address peer;
        std::memset(&peer, 0, sizeof peer);
        socklen_t size_bytes = sizeof peer;
        Fd accepted(accept4(socket_.get(), &peer.any, &size_bytes, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!accepted && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (!accepted && errno != EAGAIN && errno != EWOULDBLOCK) {
            // Out of descriptors or memory: the socket stays readable, so without a pause this would spin.
            log::error("http.accept_failed", {{"reason", g_strerror(errno)}});
            poller_.modify(watch_, 0);
            pause_.once(pause_without_descriptors, [this] { poller_.modify(watch_, EPOLLIN); });
        }
        if (!accepted)
            return;
        tune(accepted.get());
        accepted_(std::move(accepted), text_of(peer));
    }
}

} // namespace butaca::http
