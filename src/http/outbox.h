// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes on their way into a socket: text, shared bytes and parts of files, in order, without copying.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "src/base/gobject.h"
#include "src/base/loop.h"

namespace butaca::http {

// Belongs to one thread at a time.
class Outbox {
public:
    void push(std::string text);
    void push(std::shared_ptr<GBytes> bytes);
    // Takes over `fd`.
    void push_file(int fd, std::uint64_t offset, std::uint64_t size_bytes);
    void clear();

    bool empty() const { return items_.empty(); }
    std::uint64_t queued_bytes() const { return queued_bytes_; }

    enum class Outcome {
        drained, // everything is in the socket
        blocked, // the socket is full, or `most_bytes` were sent
        failed,  // the connection is broken, or a file turned out shorter than promised
    };
    // Sends without blocking, at most about `most_bytes`; `sent_bytes` grows by what the socket took.
    // SIGPIPE must be ignored by the process: sendfile(2) knows no MSG_NOSIGNAL.
    Outcome flush(int socket, std::uint64_t most_bytes, std::uint64_t &sent_bytes);

private:
    struct Item {
        std::string text;
        std::shared_ptr<GBytes> bytes;
        Fd file;
        std::uint64_t offset = 0; // of the file, or into text or bytes
        std::uint64_t left_bytes = 0;

        const char *data() const;
    };
    long send_memory(int socket, std::uint64_t most_bytes);
    long send_file(int socket, std::uint64_t most_bytes);
    void consume(std::uint64_t sent_bytes);

    std::deque<Item> items_;
    std::uint64_t queued_bytes_ = 0;
};

} // namespace butaca::http
