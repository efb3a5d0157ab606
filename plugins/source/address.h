// SPDX-License-Identifier: LGPL-2.1-or-later
// What a vs:// or as:// address says: which machines hold an original, under which path, with which digest.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace butaca::source {

// Where an original can be read.
struct Address {
    std::vector<std::string> hosts; // "host:port", IPv6 in brackets; at least one, in order of preference
    std::string path;               // as it goes into the request line, starting with '/'
    std::string digest;             // 64 lower-case hex digits, or empty when the path names none
};

// Takes apart `scheme://host[:port]/path` (RFC 3986). The digest is known when the path ends with
// `/items/<64 hex>/bytes`. invalid_argument for anything else, for user names, queries, fragments and for
// bytes that do not belong into a request line.
Result<Address> parse_location(std::string_view location, std::string_view scheme, unsigned default_port);

// Takes apart "host[:port], host[:port], …" into "host:port" each; empty text gives none. At most 16.
Result<std::vector<std::string>> parse_replicas(std::string_view replicas, unsigned default_port);

// Whether a ticket may stand in an Authorization header (RFC 6750, b64token, at most 8 KiB). Empty is fine:
// then no header is sent.
bool is_ticket(std::string_view text);

} // namespace butaca::source
