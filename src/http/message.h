// SPDX-License-Identifier: LGPL-2.1-or-later
// What a handler sees of a request and what it answers. No soup object: handlers are plain functions over
// these values.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/gobject.h"
#include "src/base/result.h"

namespace butaca::http {

// Header fields in order. Names compare without regard to case (RFC 9110, 5.1).
class Headers {
public:
    void set(std::string_view name, std::string value);
    void add(std::string_view name, std::string value);
    std::optional<std::string_view> get(std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>> &all() const { return fields_; }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

// One request, its body whole and within the route's limit.
struct Request {
    std::string method;
    std::string path; // decoded and normalised; no "..", no NUL, no encoded slash
    std::map<std::string, std::string, std::less<>>
        query; // decoded; a repeated name is refused before a handler runs
    std::map<std::string, std::string, std::less<>> params; // what the route's {names} matched
    Headers headers;
    std::string body;
    std::string peer; // the client's address, for limits and the log
    std::string host; // authority the client used ("127.0.0.1:8080"), checked for shape
    std::string id;   // request id, in the log and in problem documents
};

// The body that is produced while it is sent. Lives on the server's loop; any reference may outlive the
// connection.
class BodyStream {
public:
    virtual ~BodyStream() = default;
    // Queues bytes. Ignored once the client is gone.
    virtual void write(Owned<GBytes> bytes) = 0;
    // The body is whole: ends the chunked coding.
    virtual void finish() = 0;
    // The body will never be whole: the connection is cut so that the client can tell (never a clean end).
    virtual void abort() = 0;
    // Bytes written and not yet taken by the socket, for back-pressure.
    virtual std::size_t queued_bytes() const = 0;
    // Called once when the client went away before the end; and each time the queue has drained after a
    // write.
    virtual void on_gone(std::function<void()> work) = 0;
    virtual void on_drained(std::function<void()> work) = 0;
};

// A part of a file on disk, sent without holding it in memory. The descriptor is closed by the server.
struct FileRange {
    int fd = -1;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
};

// The answer. At most one kind of body is set. HEAD is answered by the server from the GET handler.
struct Response {
    int status = 200;
    Headers headers;
    std::shared_ptr<GBytes> bytes; // shared with caches; may be null
    std::optional<FileRange> file;
    std::function<void(std::shared_ptr<BodyStream>)> stream; // called on the loop once the head is written

    static Response text(int status, std::string_view content_type, std::string body);
    static Response json(int status, std::string document);
    static Response empty(int status);
};

// Shares ownership of an Owned<GBytes>.
std::shared_ptr<GBytes> share_bytes(Owned<GBytes> bytes);
std::shared_ptr<GBytes> share_bytes(std::string text);

// Gives the answer of an asynchronous handler; exactly once, on the server's loop. Dropped without an answer
// it becomes a 500.
class Responder {
public:
    using Send = std::function<void(Response)>;
    struct State;
    explicit Responder(Send send);
    explicit Responder(std::shared_ptr<State> state); // the server's own; State is private to src/http
    void respond(Response response) const;
    void respond(const Error &error) const; // as a problem document
    // Called if the client leaves before the answer; so that work for nobody can be cancelled.
    void on_gone(std::function<void()> work) const;

private:
    std::shared_ptr<State> state_;
};

} // namespace butaca::http
