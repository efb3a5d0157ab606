// SPDX-License-Identifier: LGPL-2.1-or-later
// Range requests (RFC 9110, 13 and 14): which part of a representation a request asks for. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "src/http/message.h"

namespace butaca::http {

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0; // inclusive, below the size
};

// What to do with a request for a representation of `size_bytes` with the strong entity tag `etag` (quotes
// included).
struct Selection {
    enum class Kind { whole, part, not_modified, precondition_failed, unsatisfiable } kind = Kind::whole;
    ByteRange part{};
};

// Evaluates If-Match, If-None-Match, If-Range and Range, in the order of RFC 9110, 13.2.2. Several ranges, a
// malformed Range or one in another unit are ignored (the whole is sent), as 14.2 allows; `bytes=5-2` is
// malformed by 14.1.1 and yields `unsatisfiable`, so that a client learns of its mistake.
Selection select(const Headers &request, std::uint64_t size_bytes, std::string_view etag);

// Answers a GET for a file by `select`: 200, 206 with Content-Range, 304, 412 or 416 with `bytes */N`. Takes
// over `fd`.
Response serve_file(const Request &request, int fd, std::uint64_t size_bytes, std::string_view etag,
                    std::string_view content_type);
// The same for a body that is made while it is sent: `send` gets the part that is wanted, on the loop, once
// the head is written, and writes exactly that.
Response serve_stream(const Request &request, std::uint64_t size_bytes, std::string_view etag,
                      std::string_view content_type,
                      std::function<void(ByteRange, std::shared_ptr<BodyStream>)> send);
// The same for bytes in memory.
Response serve_bytes(const Request &request, std::shared_ptr<GBytes> bytes, std::string_view etag,
                     std::string_view content_type);

} // namespace butaca::http
