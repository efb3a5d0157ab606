// SPDX-License-Identifier: LGPL-2.1-or-later
// The target of a request (RFC 9112, 3.2) taken apart: authority, decoded path, decoded query. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace butaca::http {

// Why a request cannot even be routed: the status to answer and words for the client.
struct Refusal {
    int status = 400;
    std::string why;
};
template <typename T> using Parsed = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(int status, std::string why)
{
    return tl::make_unexpected(Refusal{status, std::move(why)});
}

struct Target {
    std::string path; // decoded; "*" for `OPTIONS *`
    std::map<std::string, std::string, std::less<>> query;
    std::string authority; // of the absolute form, else empty
};

// Refuses with 400: bad percent encodings, encoded slashes, backslashes and NULs, segments "." and ".."
// however spelled, bytes that are no UTF-8, a repeated name in the query. Nothing is repaired: two readers
// of a repaired path could disagree.
Parsed<Target> parse_target(std::string_view text);

// Does `text` have the shape of a host with an optional port (RFC 3986, 3.2.2; no userinfo)?
bool is_authority(std::string_view text);

} // namespace butaca::http
