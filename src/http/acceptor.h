// SPDX-License-Identifier: LGPL-2.1-or-later
// The listening socket: accepts connections and says whose they are.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "src/base/loop.h"
#include "src/base/result.h"
#include "src/http/poller.h"

namespace butaca::http {

class Acceptor {
public:
    // Called on the loop with a non-blocking socket (TCP_NODELAY set) and the client's address.
    using Accepted = std::function<void(Fd socket, std::string peer)>;

    Acceptor(Poller &poller, Accepted accepted) : poller_(poller), accepted_(std::move(accepted)) {}
    ~Acceptor() { stop(); }
    Acceptor(const Acceptor &) = delete;
    Acceptor &operator=(const Acceptor &) = delete;

    // `invalid_argument` unless `address` is a numeric IPv4 or IPv6 address; `unavailable` when it cannot be
    // bound.
    Status listen(const std::string &address, std::uint16_t port);
    void stop();
    std::uint16_t port() const { return port_; }

private:
    void accept_some();

    Poller &poller_;
    Accepted accepted_;
    Fd socket_;
    std::uint64_t watch_ = 0;
    std::uint16_t port_ = 0;
    Timer pause_;
};

} // namespace butaca::http
