// SPDX-License-Identifier: LGPL-2.1-or-later
// A client that sends exactly the bytes it is told to, on its own thread, while the test's thread runs the
// server's loop.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "src/http/server.h"

namespace butaca::http {

// Runs `work` on a thread of its own and the default main context here, until `work` has returned.
inline void beside(const std::function<void()> &work)
{
    std::atomic<bool> ready = false;
    std::thread thread([&] {
        work();
        ready = true;
        g_main_context_wakeup(nullptr);
    });
    while (!ready)
        g_main_context_iteration(nullptr, TRUE);
    thread.join();
}

// Runs the default main context until `holds`, which something on the loop must bring about.
inline void run_until(const std::function<bool()> &holds)
{
    while (!holds())
        g_main_context_iteration(nullptr, TRUE);
}

// Blocking. A read that takes 20 s ends as if the server had closed, so that a broken test ends.
class RawClient {
public:
    explicit RawClient(std::uint16_t port, int receive_buffer_bytes = 0)
        : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        if (receive_buffer_bytes > 0)
            setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
        const timeval patience = {20, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    }
    ~RawClient() { close(fd_); }
    RawClient(const RawClient &) = delete;
    RawClient &operator=(const RawClient &) = delete;

    void send(std::string_view bytes) const
    {
        EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    void end_sending() const { shutdown(fd_, SHUT_WR); }

    // Reads until `text` has been read, or the connection ends; returns all of it.
    std::string read_until(std::string_view text)
    {
        std::string all;
        char byte = 0;
        while (all.find(text) == std::string::npos && receive(&byte, 1))
            all += byte;
        return all;
    }
    std::string read_to_end()
    {
        std::string all;
        char buffer[4096];
        while (const std::size_t size = receive(buffer, sizeof buffer))
            all.append(buffer, size);
        return all;
    }
    // Did the connection break instead of ending?
    bool was_reset() const { return reset_; }

private:
    std::size_t receive(char *buffer, std::size_t size_bytes)
    {
        const ssize_t size = recv(fd_, buffer, size_bytes, 0);
        reset_ = reset_ || (size < 0 && errno == ECONNRESET);
        return size > 0 ? static_cast<std::size_t>(size) : 0;
    }

    int fd_;
    bool reset_ = false;
};

// One connection: sends `bytes`, returns all that comes until the server closes.
inline std::string converse(const Server &server, std::string_view bytes)
{
    std::string answer;
    const std::uint16_t port = server.port();
    beside([&] {
        RawClient client(port);
        client.send(bytes);
        answer = client.read_to_end();
    });
    return answer;
}

inline std::unique_ptr<Server> serve(std::vector<Route> routes, ServerSettings settings = {})
{
    auto server = Server::start(std::move(settings), std::move(routes));
    EXPECT_TRUE(server.has_value());
    return server ? std::move(*server) : nullptr;
}

inline Route get(std::string pattern, Handler handler)
{
    return {"GET", std::move(pattern), std::move(handler)};
}
inline Route get_later(std::string pattern, AsyncHandler handler)
{
    return {"GET", std::move(pattern), std::move(handler)};
}

inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

inline std::string body_of(std::string_view answer)
{
    const std::size_t end = answer.find("\r\n\r\n");
    return end == std::string_view::npos ? "" : std::string(answer.substr(end + 4));
}

} // namespace butaca::http
