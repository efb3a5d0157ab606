// SPDX-License-Identifier: LGPL-2.1-or-later
// What we ask of an origin and what we accept from it: the rules for one ranged GET (RFC 9110, parts 13 and
// 14).
#pragma once

#include <cstdint>
#include <string>

#include <libsoup/soup.h>

#include "src/base/gobject.h"
#include "src/base/result.h"

namespace butaca::source {

struct RangeRequest {
    std::string url;
    std::string ticket; // sent as `Authorization: Bearer`, unless empty; never part of any text we make
    std::string etag;   // the strong ETag that the bytes must have, quotes included; empty: any strong one
    std::uint64_t first = 0;
    std::uint64_t last = 0; // inclusive
};

struct RangeAnswer {
    std::uint64_t first = 0;
    std::uint64_t size_bytes = 0;  // of the body; 0 when `first` lies at or past the end of the original
    std::uint64_t total_bytes = 0; // of the original
    std::string etag;
};

// A message that says the request. Redirects are not followed, so that the ticket goes to no other machine.
Owned<SoupMessage> make_message(const RangeRequest &request);

// Judges status and headers of the answer. Errors: unauthenticated, forbidden, not_found as they sound;
// conflict when the original changed; unavailable (with retry_after_s) for what may pass; unsupported when
// the origin breaks the rules (no range, another range than asked for, lengths that contradict, no strong
// ETag); unprocessable for any other refusal.
Result<RangeAnswer> judge_answer(SoupMessage *message, const RangeRequest &request);

// The error for an original that is no longer what it was.
Error changed(std::string detail);

} // namespace butaca::source
