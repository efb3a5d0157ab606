// SPDX-License-Identifier: LGPL-2.1-or-later
// An HTTP server that serves one original the way VS does, and fails in scripted ways. Raw sockets and one
// thread per connection, because no library lets an answer be broken at an exact byte.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace butaca::test {

enum class Fault {
    none,
    silent,        // takes the request and never answers
    stall,         // sends `after_bytes` of the body and then nothing more
    trickle,       // sends `after_bytes` of the body and then one byte at a time
    reset,         // sends `after_bytes` of the body, then resets the connection
    short_body,    // sends `after_bytes` of the body, then ends the connection in order
    wrong_length,  // Content-Length one too large
    ignores_range, // 200 and everything
    wrong_range,   // another part than asked for
    status,        // answers `status`, with Retry-After when `retry_after_s` is not 0
    other_etag,    // the original was replaced
    other_size,    // the same ETag, but another length
    no_etag,
    weak_etag,
    chunked, // correct, but without Content-Length
};

struct Step {
    Fault fault = Fault::none;
    std::size_t after_bytes = 0;
    unsigned status = 0;
    unsigned retry_after_s = 0;
};

struct SeenRequest {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::string head;
    unsigned connection = 0;
};

// Thread-safe.
class FaultyOrigin {
public:
    explicit FaultyOrigin(std::string bytes);
    ~FaultyOrigin();
    FaultyOrigin(const FaultyOrigin &) = delete;
    FaultyOrigin &operator=(const FaultyOrigin &) = delete;

    // What happens to the next requests, one step each; all others are served well.
    void script(std::vector<Step> steps);
    // What happens to every request from now on that no step is left for.
    void always(Step step);

    const std::string &bytes() const { return bytes_; }
    const std::string &digest() const { return digest_; }
    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string path() const { return "/items/" + digest_ + "/bytes"; }
    std::string location(const std::string &scheme = "vs") const { return scheme + "://" + host() + path(); }

    std::vector<SeenRequest> requests() const;
    unsigned connections() const;
    // Returns once so many requests have arrived.
    void wait_for_requests(std::size_t count) const;

private:
    void accept_all();
    void serve(int fd, unsigned connection);
    bool answer(int fd, const SeenRequest &request, const Step &step);
    bool send_body(int fd, std::uint64_t first, std::uint64_t last, const Step &step);
    bool pause(int fd, unsigned milliseconds);
    Step next_step();

    const std::string bytes_;
    const std::string digest_;
    unsigned short port_ = 0;
    int listener_ = -1;
    mutable std::mutex mutex_; // guards what follows
    mutable std::condition_variable changed_;
    bool stopping_ = false;
    std::deque<Step> steps_;
    Step always_;
    std::vector<SeenRequest> seen_;
    std::vector<int> open_;
    std::map<unsigned, std::thread> threads_; // by connection
    std::vector<unsigned> ended_;             // connections whose threads can be joined
    unsigned connections_ = 0;
    std::thread acceptor_;
};

// An address where nobody listens.
std::string refusing_host();

// Bytes that look the same nowhere, so that a wrong offset shows.
std::string noise(std::size_t size_bytes);

} // namespace butaca::test
