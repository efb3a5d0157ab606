// SPDX-License-Identifier: LGPL-2.1-or-later
// What a call that can fail returns: a value or an Error that says what went wrong in words for people.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace butaca {

// Why a call failed, in the terms that a caller decides by. `src/http/problem` maps each to one HTTP status.
enum class ErrorCode {
    invalid_argument, // the asker's fault: malformed or out of range
    unauthenticated,  // no credentials, or they do not hold
    forbidden,        // credentials hold, but not for this
    not_found,
    conflict,      // true a moment ago, no longer: changed bytes, a lost race
    too_large,     // beyond a documented limit
    unprocessable, // well formed, but cannot be met (two wishes that exclude each other)
    unsupported,   // media or a feature that nothing installed here can handle
    limited,       // too often; trying again later makes sense
    unavailable,   // a dependency is down or busy; trying again later makes sense
    timeout,
    cancelled,
    internal, // our own bug
};

// The name of a code as it appears in logs ("not_found").
const char *to_string(ErrorCode code);

// What went wrong. `message` is for people and never holds a path, query or token; `detail` is for the log
// only.
struct [[nodiscard]] Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;
    std::string detail;
    // Seconds after which trying again makes sense; 0 when unknown. Only meaningful with `unavailable` and
    // `limited`.
    unsigned retry_after_s = 0;

    // Prefixes the detail with what was being done ("claiming job 42"), so the log reads outside in.
    Error &&at(std::string_view doing) &&;
};

template <typename T> using Result = tl::expected<T, Error>;
using Status = Result<void>;

// Shorthand for the error branch: `return fail(ErrorCode::not_found, "there is no such item");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string detail = {})
{
    return tl::make_unexpected(Error{code, std::move(message), std::move(detail), 0});
}
inline tl::unexpected<Error> fail(Error error) { return tl::make_unexpected(std::move(error)); }

} // namespace butaca
