// SPDX-License-Identifier: LGPL-2.1-or-later
// The HTTP client for AppS's talk with VS and AS. Belongs to the main loop; connections are kept alive.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/http/message.h"

namespace butaca::http {

struct Reply {
    int status = 0;
    Headers headers;
    std::string body;
};

struct Call {
    std::string method = "GET";
    std::string url;
    Headers headers;
    std::string body;
    std::chrono::milliseconds timeout{5000}; // for the whole exchange
    std::size_t body_limit_bytes = 64 << 20; // a longer reply is `too_large`
};

class Client {
public:
    Client();
    ~Client();
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    // Cancels its call when destroyed; `done` is then never called.
    class Pending {
    public:
        virtual ~Pending() = default;
    };
    // Any HTTP status is a Reply; an Error means there was none: `unavailable` (refused, reset, name
    // unknown), `timeout`, `too_large`.
    [[nodiscard]] std::unique_ptr<Pending> send(Call call, std::function<void(Result<Reply>)> done);

    struct State;

private:
    std::shared_ptr<State> state_;
};

} // namespace butaca::http
