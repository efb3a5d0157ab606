// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/faulty_origin.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/gobject.h"

namespace butaca::test {
namespace {

std::string sha256(const std::string &bytes)
{
    Owned<char> text = adopt(g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, reinterpret_cast<const guchar *>(bytes.data()), bytes.size()));
    return text.get();
}

int listen_somewhere(unsigned short &port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    bind(fd, reinterpret_cast<sockaddr *>(&address), length);
    getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length);
    port = ntohs(address.sin_port);
    return fd;
}

bool send_all(int fd, const char *data, std::size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}
bool send_all(int fd, const std::string &text) { return send_all(fd, text.data(), text.size()); }

// The peer gets a reset instead of an orderly end.
void reset_connection(int fd)
{
    linger hard{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

std::string status_line(unsigned status) { return "HTTP/1.1 " + std::to_string(status) + " Answer\r\n"; }

std::string range_headers(std::uint64_t first, std::uint64_t last, std::uint64_t total)
{
    return "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
           std::to_string(total) + "\r\n";
}

} // namespace

FaultyOrigin::FaultyOrigin(std::string bytes) : bytes_(std::move(bytes)), digest_(sha256(bytes_))
{
    listener_ = listen_somewhere(port_);
    listen(listener_, 64);
    acceptor_ = std::thread([this] { accept_all(); });
}

FaultyOrigin::~FaultyOrigin()
{
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        shutdown(listener_, SHUT_RDWR);
        for (int fd : open_)
            shutdown(fd, SHUT_RDWR);
    }
    changed_.notify_all();
    acceptor_.join();
    for (auto &[connection, thread] : threads_)
        thread.join();
    close(listener_);
}

void FaultyOrigin::script(std::vector<Step> steps)
{
    std::lock_guard lock(mutex_);
    steps_.assign(steps.begin(), steps.end());
}

void FaultyOrigin::always(Step step)
{
    std::lock_guard lock(mutex_);
    always_ = step;
}

std::vector<SeenRequest> FaultyOrigin::requests() const
{
    std::lock_guard lock(mutex_);
    return seen_;
}

unsigned FaultyOrigin::connections() const
{
    std::lock_guard lock(mutex_);
    return connections_;
}

void FaultyOrigin::wait_for_requests(std::size_t count) const
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return seen_.size() >= count; });
}

void FaultyOrigin::accept_all()
{
    for (;;) {
        int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        std::lock_guard lock(mutex_);
        if (fd < 0 || stopping_) {
            if (fd >= 0)
                close(fd);
            return;
        }
        for (unsigned connection : ended_) {
            threads_[connection].join();
            threads_.erase(connection);
        }
        ended_.clear();
        open_.push_back(fd);
        threads_.emplace(connections_, [this, fd, connection = connections_] { serve(fd, connection); });
        ++connections_;
    }
}

Step FaultyOrigin::next_step()
{
    std::lock_guard lock(mutex_);
    if (steps_.empty())
        return always_;
    Step step = steps_.front();
    steps_.pop_front();
    return step;
}

void FaultyOrigin::serve(int fd, unsigned connection)
{
    std::string input;
    bool go_on = true;
    while (go_on) {
        std::size_t end = input.find("\r\n\r\n");
        if (end == std::string::npos) {
            char part[4096];
            ssize_t got = recv(fd, part, sizeof part, 0);
            if (got <= 0)
                break;
            input.append(part, static_cast<std::size_t>(got));
            continue;
        }
        SeenRequest request;
        request.head = input.substr(0, end);
        request.connection = connection;
        input.erase(0, end + 4);
        unsigned long first = 0;
        unsigned long last = 0;
        std::size_t range = request.head.find("Range: bytes=");
        if (range != std::string::npos)
            std::sscanf(request.head.c_str() + range, "Range: bytes=%lu-%lu", &first, &last);
        request.first = first;
        request.last = last;
        Step step = next_step();
        {
            std::lock_guard lock(mutex_);
            seen_.push_back(request);
        }
        changed_.notify_all();
        go_on = answer(fd, request, step);
    }
    std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    ended_.push_back(connection);
    close(fd);
}

// Answers one request; false when the connection is to end.
bool FaultyOrigin::answer(int fd, const SeenRequest &request, const Step &step)
{
    std::string etag =
        "ETag: \"" + (step.fault == Fault::other_etag ? std::string(64, 'f') : digest_) + "\"\r\n";
    if (step.fault == Fault::no_etag)
        etag.clear();
    if (step.fault == Fault::weak_etag)
        etag = "ETag: W/\"" + digest_ + "\"\r\n";
    if (step.fault == Fault::silent) {
        while (pause(fd, 1000)) {
        }
        return false;
    }
    if (step.fault == Fault::status) {
        std::string wait =
            step.retry_after_s ? "Retry-After: " + std::to_string(step.retry_after_s) + "\r\n" : "";
        return send_all(fd, status_line(step.status) + wait + "Content-Length: 5\r\n\r\nsorry");
    }
    if (step.fault == Fault::ignores_range)
        return send_all(fd, status_line(200) + etag + "Content-Length: " + std::to_string(bytes_.size()) +
                                "\r\n\r\n" + bytes_);
    if (request.first >= bytes_.size())
        return send_all(fd, status_line(416) + etag + "Content-Range: bytes */" +
                                std::to_string(bytes_.size()) + "\r\nContent-Length: 0\r\n\r\n");
    std::uint64_t first = request.first + (step.fault == Fault::wrong_range ? 1 : 0);
    std::uint64_t last = std::min<std::uint64_t>(request.last, bytes_.size() - 1);
    std::uint64_t length = last - first + 1 + (step.fault == Fault::wrong_length ? 1 : 0);
    bool chunked = step.fault == Fault::chunked;
    std::string head = status_line(206) + etag +
                       range_headers(first, last, bytes_.size() + (step.fault == Fault::other_size ? 1 : 0));
    head += chunked ? "Transfer-Encoding: chunked\r\n\r\n"
                    : "Content-Length: " + std::to_string(length) + "\r\n\r\n";
    return send_all(fd, head) && send_body(fd, first, last, step);
}

bool FaultyOrigin::send_body(int fd, std::uint64_t first, std::uint64_t last, const Step &step)
{
    const char *body = bytes_.data() + first;
    std::size_t size = last - first + 1;
    std::size_t part = std::min(size, step.after_bytes);
    switch (step.fault) {
    case Fault::stall:
        send_all(fd, body, part);
        while (pause(fd, 1000)) {
        }
        return false;
    case Fault::trickle:
        send_all(fd, body, part);
        for (std::size_t at = part; at < size && pause(fd, 20); ++at)
            send_all(fd, body + at, 1);
        return false;
    case Fault::reset:
        send_all(fd, body, part);
        reset_connection(fd);
        return false;
    case Fault::short_body:
        send_all(fd, body, part);
        return false;
    case Fault::chunked: {

        char line[32];
        std::snprintf(line, sizeof line, "%zx\r\n", size);
        send_all(fd, line);
        send_all(fd, body, size);
        return send_all(fd, "\r\n0\r\n\r\n");
    }
    default:
        return send_all(fd, body, size);
    }
}

// Waits; false when the client has gone or the server is ending.
bool FaultyOrigin::pause(int fd, unsigned milliseconds)
{
    pollfd gone{fd, POLLIN | POLLRDHUP, 0};
    return poll(&gone, 1, static_cast<int>(milliseconds)) == 0;
}

std::string refusing_host()
{
    // Bound but not listening: the port stays ours, and connecting to it is refused.
    static unsigned short port = 0;
    static int fd = listen_somewhere(port);
    return fd >= 0 ? "127.0.0.1:" + std::to_string(port) : "";
}

std::string noise(std::size_t size_bytes)
{
    std::mt19937 generator(42);
    std::string bytes(size_bytes, '\0');
    for (char &byte : bytes)
        byte = static_cast<char>(generator());
    return bytes;
}

} // namespace butaca::test
