// SPDX-License-Identifier: LGPL-2.1-or-later
// The head of a request (RFC 9112, 2 to 6), read strictly: whatever two HTTP readers could understand
// differently is refused, for that is what request smuggling lives on. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/http/message.h"
#include "src/http/target.h"

namespace butaca::http {

struct RequestHead {
    std::string method;
    Target target;
    Headers headers;
    std::string host; // empty only in HTTP/1.0
    std::uint64_t content_length = 0;
    bool http_1_0 = false;
    bool keep_alive = true;
    bool expects_continue = false;
};

// Looks for the end of the head in `input`, going on at `scanned` (which it moves). The size of the head with
// its empty line, nothing while it is incomplete, or a refusal: 400 for control characters, bare LF and bare
// CR, 414 when the first line is beyond 8 KiB, 431 when the head is beyond `limit_bytes`.
Parsed<std::optional<std::size_t>> find_head_end(std::string_view input, std::size_t &scanned,
                                                 std::size_t limit_bytes);

// Parses a whole head, as find_head_end() has measured it. Refuses among others: obs-fold, blanks before a
// colon, a missing or repeated Host, Transfer-Encoding (411; 400 beside Content-Length), a repeated or
// malformed Content-Length, methods beyond the seven we route (501), other versions (505).
Parsed<RequestHead> parse_head(std::string_view head);

// Is `name` one of the comma separated tokens of `value`? Case does not matter.
bool has_token(std::string_view value, std::string_view name);

} // namespace butaca::http
